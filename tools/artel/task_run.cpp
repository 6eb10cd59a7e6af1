#include "tools/artel/task_run.hpp"

#include "protocol/task/chunk_plan.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/observe/node_log.hpp"
#include "runtime/observe/task_recorder.hpp"
#include "tools/artel/connect_options.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/interrupt.hpp"
#include "tools/artel/outcome_printer.hpp"
#include "tools/artel/report_text.hpp"

#include <cstdint>
#include <utility>

namespace artel::tools {

namespace {

/// Follows a task's events, on the network's thread, one at a time; the rest
/// is called before and after the run.
class task_follower {
public:
  explicit task_follower(task_run_request& request)
    : request_(request),
      printer_(printer_settings(request), std::move(request.earlier_outputs)),
      recorder_(request.task, request.submission, runtime::calendar_now()) {}

  result<void> open_files();

  void handle(const event& one) {
    std::visit([this](const auto& item) { on(item); }, one);
    recorder_.handle(one);
    tell_write_problem();
  }

  exit_code finish(task_report report);

private:
  static outcome_printer::settings
  printer_settings(const task_run_request& request);

  void on(const task_planned&) {}
  void on(const receipt_recorded&) {}
  void on(const verdict_recorded& item);
  void on(const task_progress& item);
  void on(const task_finished&) { clear_progress(); }
  void on(const node_logged& item);
  void on(const worker_certified&) {}

  void clear_progress() { write_error(progress_.clear()); }
  void tell_write_problem();
  void tell_dropped_files() const;

  task_run_request& request_;
  outcome_printer printer_;
  runtime::task_recorder recorder_;
  runtime::progress_view progress_;
  runtime::node_log log_;
  /// That receipts or results can't be written is told once.
  bool write_problem_told_ = false;
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
    recorder_.keep_results(std::move(*opened));
  }
  if (request_.receipts) {
    auto opened =
      request_.earlier_receipts
        ? runtime::receipt_writer::continue_from(
          *request_.earlier_receipts, *request_.receipts, request_.force)
        : runtime::receipt_writer::create(*request_.receipts, request_.force);
    if (!opened)
      return opened.error();
    recorder_.keep_receipts(std::move(*opened));
  }
  return {};
}

void task_follower::tell_write_problem() {
  if (!recorder_.problem() || write_problem_told_)
    return;
  write_problem_told_ = true;
  clear_progress();
  tell(recorder_.problem()->message);
}

void task_follower::on(const verdict_recorded& item) {
  if (printer_.prints_lines() && item.item.body.accepted)
    clear_progress();
  printer_.take(item);
}

void task_follower::tell_dropped_files() const {
  if (recorder_.dropped_files() > 0)
    tell("note: the jobs left " + std::to_string(recorder_.dropped_files())
         + " output files, which were dropped; --results DIR keeps them");
  if (recorder_.dropped_reduce_files() > 0)
    tell("note: " + std::to_string(recorder_.dropped_reduce_files())
         + " output files of reduce jobs were dropped: of these, only what they"
           " write to standard output is kept");
}

void task_follower::on(const task_progress& item) {
  if (!request_.quiet)
    write_error(progress_.show(item, terminal_columns()));
}

void task_follower::on(const node_logged& item) {
  clear_progress();
  log_.write(item.level, printable(item.node_name), printable(item.message));
}

exit_code task_follower::finish(task_report report) {
  auto is_refused = runtime::task_recorder::is_refused(report);
  recorder_.finish(report);
  tell_write_problem();
  if (printer_.problem() && report.state == task_state::completed) {
    report.state = task_state::failed;
    report.problem = *printer_.problem();
  }
  const auto& plan_problems = recorder_.plan_problems();
  if (is_refused && plan_problems.empty())
    tell(report.problem.message);
  else if (is_refused)
    for (const auto& problem : plan_problems)
      tell(problem.message);
  else
    write_error(failure_text(report));
  if (!request_.quiet && !is_refused)
    write_error(summary_text(report, recorder_.fuel_used()));
  if (!request_.quiet)
    tell_dropped_files();
  printer_.finish(report, recorder_.fuel_used());
  auto code = exit_code_of(report);
  return code == exit_code::done && recorder_.problem() ? exit_code::failure
                                                        : code;
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
  auto client = connect_options_of(given);
  if (!client)
    return refuse(client.error());
  request.network = *network;
  if (*client) {
    request.client = std::move(**client);
    request.client->account = request.network.client_credits;
    request.client->log_threshold = request.network.log_threshold;
  }
  request.format = *format;
  request.force = given.has("force");
  request.quiet = given.has("quiet");
  if (auto path = given.value("receipts"))
    request.receipts = *path;
  if (auto path = given.value("results"))
    request.results = *path;
  return std::nullopt;
}

result<std::unique_ptr<runtime::task_network>>
open_network(const task_run_request& request, std::stop_token stop) {
  if (request.client) {
    auto joined =
      runtime::client_node::connect(*request.client, std::move(stop));
    if (!joined)
      return joined.error();
    return std::unique_ptr<runtime::task_network>{std::move(*joined)};
  }
  auto started = runtime::embedded_network::start(request.network);
  if (!started)
    return started.error();
  return std::unique_ptr<runtime::task_network>{std::move(*started)};
}

exit_code run_task(task_run_request request) {
  interrupt_guard interrupts{"cancelling the jobs and settling"};
  task_follower follower{request};
  if (auto opened = follower.open_files(); !opened)
    return refuse(opened.error());
  auto network = open_network(request, interrupts.token());
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
