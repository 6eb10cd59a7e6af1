#include "tools/artel/outcome_printer.hpp"

#include "runtime/config/utf8_text.hpp"
#include "runtime/observe/report_json.hpp"
#include "tools/artel/console.hpp"

#include <string>

namespace artel::tools {

namespace {

/// A document lists so many outputs, cut to so many bytes: the rest is what
/// --results is for.
constexpr std::size_t outputs_listed_max = 1000;
constexpr std::size_t output_bytes_shown = 4096;
constexpr std::size_t line_bytes_shown = 200;
/// Over all jobs; those of one job are listed all or not at all.
constexpr std::size_t files_listed_max = 10'000;

/// Numbers are printed with a newline after them; everything else exactly as
/// it is.
bool is_number(reduce_operation operation) {
  return operation == reduce_operation::sum
         || operation == reduce_operation::min
         || operation == reduce_operation::max
         || operation == reduce_operation::count;
}

std::string first_line(bytes_view output) {
  auto text = as_text(output);
  auto line = text.substr(0, text.find('\n'));
  auto shown = runtime::utf8_prefix(line, line_bytes_shown);
  return printable(shown) + (shown.size() < line.size() ? "..." : "");
}

} // namespace

bool outcome_printer::is_single() const noexcept {
  return settings_.reduce == reduce_operation::none && settings_.chunks == 1
         && !settings_.has_results_directory;
}

bool outcome_printer::prints_lines() const noexcept {
  return settings_.reduce == reduce_operation::none && !is_single()
         && settings_.format == output_format::table
         && !settings_.has_results_directory;
}

void outcome_printer::take(const verdict_recorded& verdict) {
  const auto& body = verdict.item.body;
  if (!body.accepted || body.job >= settings_.chunks)
    return;
  if (earlier_ && !problem_)
    if (auto added = earlier_->add(body.job, verdict.output); !added)
      problem_ = failure{added.error().code,
                         "the output of job " + std::to_string(body.job)
                           + " does not fit those of earlier runs: "
                           + added.error().message};
  if (settings_.format == output_format::json)
    list_files(verdict);
  if (settings_.reduce != reduce_operation::none)
    return;
  if (is_single()) {
    single_output_ = verdict.output;
  } else if (prints_lines()) {
    write_output(std::to_string(body.job) + "\t" + first_line(verdict.output)
                 + "\n");
  } else if (settings_.format == output_format::json
             && !settings_.has_results_directory) {
    if (outputs_.size() >= outputs_listed_max) {
      ++outputs_left_out_;
      return;
    }
    auto text = as_text(verdict.output);
    auto shown = runtime::utf8_prefix(text, output_bytes_shown);
    outputs_.push_back(
      runtime::json{{"job", body.job},
                    {"input", runtime::json_of(verdict.input_name)},
                    {"output", runtime::json_of(shown)},
                    {"cut_off", shown.size() < text.size()}});
  }
}

void outcome_printer::list_files(const verdict_recorded& verdict) {
  const auto& files = verdict.files;
  if (files.empty())
    return;
  if (files_listed_ + files.size() > files_listed_max) {
    files_left_out_ += files.size();
    return;
  }
  files_listed_ += files.size();
  files_.push_back(
    runtime::json{{"job", verdict.item.body.job},
                  {"input", runtime::json_of(verdict.input_name)},
                  {"files", runtime::files_json(files)}});
}

bytes outcome_printer::result_of(const task_report& report) const {
  if (earlier_)
    return earlier_->finish();
  return is_single() ? single_output_ : report.result;
}

void outcome_printer::print_table(const task_report& report) const {
  if (report.state != task_state::completed)
    return;
  auto result = result_of(report);
  write_output(as_text(result));
  if (is_number(settings_.reduce) && !result.empty())
    write_output("\n");
}

void outcome_printer::print_json(const task_report& report,
                                 std::uint64_t fuel_used) const {
  runtime::json document;
  auto described = runtime::report_json(report, fuel_used);
  // The result first among what follows the task's state.
  for (const auto& [key, value] : described.items()) {
    if (key == "jobs" && report.state == task_state::completed
        && (settings_.reduce != reduce_operation::none || is_single()))
      document["result"] = runtime::json_of(result_of(report));
    document[key] = value;
  }
  if (!outputs_.empty()) {
    document["outputs"] = outputs_;
    document["outputs_left_out"] = outputs_left_out_;
  }
  if (!files_.empty() || files_left_out_ > 0) {
    document["output_files"] = files_;
    document["output_files_left_out"] = files_left_out_;
  }
  write_output(runtime::document_of(document));
}

void outcome_printer::finish(const task_report& report,
                             std::uint64_t fuel_used) {
  if (settings_.format == output_format::json)
    print_json(report, fuel_used);
  else
    print_table(report);
}

} // namespace artel::tools
