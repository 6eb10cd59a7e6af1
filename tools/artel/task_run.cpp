#include "tools/artel/task_run.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "runtime/observe/node_log.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/interrupt.hpp"
#include "tools/artel/outcome_printer.hpp"
#include "tools/artel/report_text.hpp"

#include <chrono>
#include <cstdint>
#include <limits>
#include <utility>

namespace artel::tools {

namespace {

wall_time calendar_now() {
  return std::chrono::time_point_cast<milliseconds>(
    std::chrono::system_clock::now());
}

/// Follows a task's events, on the network's thread, one at a time; the rest
/// is called before and after the run.
class task_follower {
public:
  explicit task_follower(task_run_request& request)
    : request_(request),
      printer_(printer_settings(request), std::move(request.earlier_outputs)) {}

  result<void> open_files();

  void handle(const event& one) {
    std::visit([this](const auto& item) { on(item); }, one);
  }

  exit_code finish(task_report report);

private:
  static outcome_printer::settings
  printer_settings(const task_run_request& request);

  void on(const task_planned& item);
  void on(const receipt_recorded& item);
  void on(const verdict_recorded& item);
  void on(const task_progress& item);
  void on(const task_finished& item);
  void on(const node_logged& item);

  void clear_progress() { write_error(progress_.clear()); }
  void tell_once(std::optional<failure> problem);
  void keep_results(const verdict_recorded& item);
  void tell_dropped_files() const;
  std::size_t kept_output_bytes() const;

  task_run_request& request_;
  outcome_printer printer_;
  runtime::progress_view progress_;
  runtime::node_log log_;
  std::unique_ptr<runtime::receipt_writer> receipts_;
  std::unique_ptr<runtime::results_directory> results_;
  wall_time started_ = calendar_now();
  std::vector<failure> plan_problems_;
  /// The first error of writing receipts or results: told once.
  std::optional<failure> write_problem_;
  /// As the workers told it, of all replicas that came to an end.
  std::uint64_t fuel_used_ = 0;
  /// Output files that nothing kept, of jobs and of reduce jobs.
  std::uint64_t dropped_files_ = 0;
  std::uint64_t dropped_reduce_files_ = 0;
};

outcome_printer::settings
task_follower::printer_settings(const task_run_request& request) {
  const auto& spec = request.submission.spec;
  outcome_printer::settings settings;
  settings.format = request.format;
  settings.reduce = spec.reduce;
  settings.chunks = chunk_count(spec.source);
  settings.has_results_directory = request.results.has_value();
  return settings;
}

result<void> task_follower::open_files() {
  if (request_.results) {
    auto opened = runtime::results_directory::open(
      *request_.results, request_.submission.spec.source, request_.force);
    if (!opened)
      return opened.error();
    results_ = std::move(*opened);
  }
  if (request_.receipts) {
    auto opened =
      request_.earlier_receipts
        ? runtime::receipt_writer::continue_from(
          *request_.earlier_receipts, *request_.receipts, request_.force)
        : runtime::receipt_writer::create(*request_.receipts, request_.force);
    if (!opened)
      return opened.error();
    receipts_ = std::move(*opened);
  }
  return {};
}

std::size_t task_follower::kept_output_bytes() const {
  return request_.submission.spec.reduce == reduce_operation::none
           ? runtime::kept_output_bytes_max
           : limits::output_bytes_max;
}

void task_follower::tell_once(std::optional<failure> problem) {
  if (!problem || write_problem_)
    return;
  write_problem_ = std::move(problem);
  clear_progress();
  tell(write_problem_->message);
}

void task_follower::on(const task_planned& item) {
  plan_problems_ = item.plan.problems;
  if (!receipts_ || !plan_problems_.empty())
    return;
  const auto& spec = request_.submission.spec;
  runtime::task_record record;
  record.task = item.plan.task;
  record.started = started_;
  record.file_name = request_.task.file_name;
  record.directory = request_.task.directory;
  record.text = runtime::write_task_text(request_.task);
  record.source = spec.source;
  record.code = hash_of(spec.code);
  if (spec.reduce == reduce_operation::program)
    record.reduce_code = hash_of(spec.reduce_code);
  receipts_->put(runtime::record_json(record));
}

void task_follower::on(const receipt_recorded& item) {
  // A liar can name any figure: the sum ends where the type does.
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  auto used = item.item.body.fuel_used;
  fuel_used_ = used > most - fuel_used_ ? most : fuel_used_ + used;
  if (receipts_)
    receipts_->put(runtime::record_json(item));
}

void task_follower::on(const verdict_recorded& item) {
  if (printer_.prints_lines() && item.item.body.accepted)
    clear_progress();
  printer_.take(item);
  if (receipts_) {
    receipts_->put(runtime::record_json(item, kept_output_bytes()));
    tell_once(receipts_->problem());
  }
  if (item.item.body.accepted)
    keep_results(item);
}

void task_follower::keep_results(const verdict_recorded& item) {
  auto job = item.item.body.job;
  if (job >= chunk_count(request_.submission.spec.source)) {
    dropped_reduce_files_ += item.files.size();
  } else if (!results_) {
    dropped_files_ += item.files.size();
  } else if (auto written = results_->write(job, item.output, item.files);
             !written) {
    tell_once(written.error());
  }
}

void task_follower::tell_dropped_files() const {
  if (dropped_files_ > 0)
    tell("note: the jobs left " + std::to_string(dropped_files_)
         + " output files, which were dropped; --results DIR keeps them");
  if (dropped_reduce_files_ > 0)
    tell("note: " + std::to_string(dropped_reduce_files_)
         + " output files of reduce jobs were dropped: of these, only what they"
           " write to standard output is kept");
}

void task_follower::on(const task_progress& item) {
  // Several times a second: what is written is there soon, also for others.
  if (receipts_)
    receipts_->flush();
  if (!request_.quiet)
    write_error(progress_.show(item, terminal_columns()));
}

void task_follower::on(const task_finished&) {
  clear_progress();
}

void task_follower::on(const node_logged& item) {
  clear_progress();
  log_.write(item.level, printable(item.node_name), printable(item.message));
}

exit_code task_follower::finish(task_report report) {
  // Refused before anything was held: there is nothing to sum up or to settle.
  auto is_refused =
    report.state == task_state::failed && report.held.micro == 0;
  if (receipts_ && !is_refused)
    receipts_->put(runtime::record_json(report));
  if (receipts_) {
    receipts_->flush();
    tell_once(receipts_->problem());
  }
  if (printer_.problem() && report.state == task_state::completed) {
    report.state = task_state::failed;
    report.problem = *printer_.problem();
  }
  if (is_refused && plan_problems_.empty())
    tell(report.problem.message);
  else if (is_refused)
    for (const auto& problem : plan_problems_)
      tell(problem.message);
  else
    write_error(failure_text(report));
  if (!request_.quiet && !is_refused)
    write_error(summary_text(report, fuel_used_));
  if (!request_.quiet)
    tell_dropped_files();
  printer_.finish(report, fuel_used_);
  auto code = exit_code_of(report);
  return code == exit_code::done && write_problem_ ? exit_code::failure : code;
}

} // namespace

std::optional<exit_code> read_run_options(const arguments& given,
                                          task_run_request& request) {
  auto network = network_options_of(given);
  if (!network)
    return refuse(network.error());
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  request.network = *network;
  request.format = *format;
  request.force = given.has("force");
  request.quiet = given.has("quiet");
  if (auto path = given.value("receipts"))
    request.receipts = *path;
  if (auto path = given.value("results"))
    request.results = *path;
  return std::nullopt;
}

exit_code run_task(task_run_request request) {
  interrupt_guard interrupts{"cancelling the jobs and settling"};
  task_follower follower{request};
  if (auto opened = follower.open_files(); !opened)
    return refuse(opened.error());
  auto network = runtime::embedded_network::start(request.network);
  if (!network)
    return refuse(network.error());
  auto report = (*network)->run(
    request.submission, [&follower](const event& one) { follower.handle(one); },
    interrupts.token());
  return follower.finish(std::move(report));
}

exit_code refuse_all(const std::vector<runtime::config_problem>& problems) {
  for (const auto& problem : problems)
    tell(to_string(problem));
  return problems.empty() ? exit_code::failure
                          : exit_code_of(problems.front().code);
}

} // namespace artel::tools
