#include "tools/artel/run_report.hpp"

#include "protocol/task/message_text.hpp"
#include "tools/artel/bundle_file.hpp"
#include "tools/artel/console.hpp"

namespace artel::tools {

namespace {

constexpr std::size_t names_column = 12;

std::string row(std::string name, const std::string& value) {
  name.resize(names_column, ' ');
  return "  " + name + value + "\n";
}

bool has_files(const run_report& report) {
  return report.limits.output_files_bytes > 0;
}

bool has_exit_code(const sandbox::run_result& result) {
  return result.outcome == run_outcome::completed
         || result.outcome == run_outcome::nonzero_exit;
}

std::string files_text(const run_report& report) {
  const auto& files = report.result.files;
  std::string text;
  if (has_files(report))
    text +=
      row("files", files.empty()
                     ? "none"
                     : std::to_string(files.size()) + ", "
                         + byte_count_text(total_bytes(files))
                         + (report.output_directory.empty()
                              ? std::string{}
                              : ", in " + printable(report.output_directory)));
  for (const auto& file : files)
    text +=
      row("", printable(file.name) + ", " + byte_count_text(file.data.size()));
  return text;
}

runtime::json files_json(const run_report& report) {
  auto list = runtime::json::array();
  for (const auto& file : report.result.files) {
    runtime::json entry;
    entry["name"] = runtime::json_of(file.name);
    entry["bytes"] = file.data.size();
    entry["hash"] = content_hash(file.data);
    if (report.output_directory.empty())
      entry["data"] = runtime::json_of(file.data);
    list.push_back(std::move(entry));
  }
  return list;
}

} // namespace

exit_code exit_code_of(run_outcome outcome) noexcept {
  switch (outcome) {
    case run_outcome::completed: return exit_code::done;
    case run_outcome::timeout:
    case run_outcome::cpu_limit: return exit_code::timed_out;
    case run_outcome::sandbox_unavailable:
      return exit_code::sandbox_unavailable;
    case run_outcome::cancelled: return exit_code::interrupted;
    default: return exit_code::job_failed;
  }
}

std::string run_summary(const run_report& report) {
  const auto& result = report.result;
  const auto& limits = report.limits;
  auto text =
    printable(report.program) + ": " + std::string{to_string(result.outcome)}
    + (result.detail.empty() ? "" : ": " + printable(result.detail)) + "\n";
  if (has_exit_code(result))
    text += row("exit code", std::to_string(result.exit_code));
  text += row("wall time", duration_text(result.wall_time_used) + " of "
                             + duration_text(limits.wall_time));
  text += row("cpu time", duration_text(result.cpu_time_used) + " of "
                            + duration_text(limits.cpu_time));
  text += row("memory", byte_count_text(result.memory_peak_bytes) + " of "
                          + byte_count_text(limits.memory_bytes) + " at most, "
                          + report.memory_measured);
  if (result.fuel_used > 0)
    text +=
      row("fuel", std::to_string(result.fuel_used) + " instructions"
                    + (limits.fuel > 0 ? " of " + std::to_string(limits.fuel)
                                       : std::string{}));
  text += row("output", byte_count_text(result.output.size()));
  text += files_text(report);
  return text + row("isolation", report.isolation);
}

runtime::json run_json(const run_report& report) {
  const auto& result = report.result;
  runtime::json document;
  document["program"] = runtime::json_of(report.program);
  document["bundle"] = runtime::json_of(report.bundle);
  document["outcome"] = runtime::json_of(result.outcome);
  document["detail"] = runtime::json_of(result.detail);
  document["exit_code"] =
    has_exit_code(result) ? runtime::json(result.exit_code) : runtime::json();
  document["signal"] = result.outcome == run_outcome::crashed
                         ? runtime::json(result.exit_code)
                         : runtime::json();
  document["output"] = runtime::json_of(result.output);
  document["stderr"] = runtime::json_of(result.stderr_tail);
  document["wall_time_ms"] = runtime::json_of(result.wall_time_used);
  document["cpu_time_ms"] = runtime::json_of(result.cpu_time_used);
  document["memory_peak_bytes"] = result.memory_peak_bytes;
  document["memory_measured"] = report.memory_measured;
  document["fuel_used"] = result.fuel_used;
  document["files"] = files_json(report);
  document["sandbox"] = runtime::json_of(report.sandbox);
  document["limits"] = runtime::json_of(report.limits);
  document["isolation"] = report.isolation;
  return document;
}

} // namespace artel::tools
