#include "runtime/control/kept_task.hpp"

#include "protocol/task/chunk_plan.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/launch/durable_file.hpp"
#include "runtime/observe/report_json.hpp"

#include <caf/send.hpp>

#include <utility>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

json counts_json(const job_counts& jobs) {
  return json{
    {"total", jobs.total},         {"started", jobs.started},
    {"completed", jobs.completed}, {"failed", jobs.failed},
    {"cancelled", jobs.cancelled},
  };
}

result<void> read_counts(const json& from, job_counts& into) {
  if (!from.is_object())
    return {errc::malformed, "jobs: expected an object"};
  result<void> taken = read_field(from, "total", into.total);
  if (taken)
    taken = read_field(from, "started", into.started);
  if (taken)
    taken = read_field(from, "completed", into.completed);
  if (taken)
    taken = read_field(from, "failed", into.failed);
  return taken ? read_field(from, "cancelled", into.cancelled) : taken;
}

result<void> read_jobs_of(const json& from, job_counts& into) {
  auto jobs = from.find("jobs");
  if (jobs == from.end())
    return {errc::malformed, "no field 'jobs'"};
  return read_counts(*jobs, into);
}

bool is_final(const std::string& state) {
  return state != "pending" && state != "running" && state != "planning";
}

} // namespace

json summary_json(const task_summary& summary) {
  json document{
    {"task", json_of(summary.task)},
    {"name", json_of(summary.name)},
    {"state", json_of(summary.state)},
    {"submitted", json_of(summary.submitted)},
    {"over", summary.over},
    {"jobs", counts_json(summary.jobs)},
    {"elapsed_ms", json_of(summary.elapsed)},
    {"chunks", summary.chunks},
    {"reduce", json_of(summary.reduce)},
  };
  if (summary.problem.code != errc{})
    document["problem"] = json{{"code", json_of(summary.problem.code)},
                               {"message", json_of(summary.problem.message)}};
  return document;
}

result<task_summary> read_summary(const json& from) {
  if (!from.is_object())
    return {errc::malformed, "expected an object"};
  task_summary summary;
  result<void> taken = read_field(from, "task", summary.task);
  if (taken)
    taken = read_field(from, "name", summary.name);
  if (taken)
    taken = read_field(from, "state", summary.state);
  if (taken)
    taken = read_field(from, "submitted", summary.submitted);
  if (taken)
    taken = read_field(from, "over", summary.over);
  if (taken)
    taken = read_jobs_of(from, summary.jobs);
  if (taken)
    taken = read_field(from, "elapsed_ms", summary.elapsed);
  if (taken)
    taken = read_field(from, "chunks", summary.chunks);
  std::string reduce;
  if (taken)
    taken = read_field(from, "reduce", reduce);
  if (!taken)
    return taken.error();
  auto operation = parse_reduce_operation(reduce);
  if (!operation)
    return operation.error();
  summary.reduce = *operation;
  auto problem = from.find("problem");
  if (taken && problem != from.end()) {
    if (!problem->is_object())
      return {errc::malformed, "problem: expected an object"};
    taken = read_field(*problem, "code", summary.problem.code);
    if (taken)
      taken = read_field(*problem, "message", summary.problem.message);
  }
  if (!taken)
    return taken.error();
  return summary;
}

json progress_json(const task_progress& progress) {
  return json{
    {"state", json_of(progress.state)},
    {"jobs", counts_json(progress.jobs)},
    {"running", progress.running},
    {"retried", progress.retried},
    {"replicas_run", progress.replicas_run},
    {"nodes", progress.nodes},
    {"elapsed_ms", json_of(progress.elapsed)},
  };
}

result<task_progress> read_progress(const json& from) {
  if (!from.is_object())
    return {errc::malformed, "expected an object"};
  task_progress progress;
  result<void> taken = read_field(from, "state", progress.state);
  if (taken)
    taken = read_jobs_of(from, progress.jobs);
  if (taken)
    taken = read_field(from, "running", progress.running);
  if (taken)
    taken = read_field(from, "retried", progress.retried);
  if (taken)
    taken = read_field(from, "replicas_run", progress.replicas_run);
  if (taken)
    taken = read_field(from, "nodes", progress.nodes);
  if (taken)
    taken = read_field(from, "elapsed_ms", progress.elapsed);
  if (!taken)
    return taken.error();
  return progress;
}

kept_task::kept_task(task_description task, submission given,
                     wall_time submitted)
  : task_(std::move(task)),
    submission_(std::move(given)),
    submitted_(submitted),
    recorder_(task_, submission_, submitted) {
  now_.summary.name = submission_.spec.name;
  now_.summary.submitted = submitted;
  now_.summary.chunks = chunk_count(submission_.spec.source);
  now_.summary.reduce = submission_.spec.reduce;
}

result<std::shared_ptr<kept_task>> kept_task::create(const fs::path& directory,
                                                     task_description task,
                                                     submission given,
                                                     wall_time submitted) {
  std::shared_ptr<kept_task> made{
    new kept_task{std::move(task), std::move(given), submitted}};
  auto receipts = receipt_writer::create(directory / "receipts.jsonl", false);
  if (!receipts)
    return receipts.error();
  made->recorder_.keep_receipts(std::move(*receipts));
  if (made->submission_.spec.reduce == reduce_operation::none) {
    auto results = results_directory::open(
      directory / "results", made->submission_.spec.source, false);
    if (!results)
      return results.error();
    made->recorder_.keep_results(std::move(*results), results_bytes_max);
  }
  made->log_.open(directory / "log.jsonl", std::ios::binary);
  if (!made->log_)
    return {errc::system_failure,
            "'" + (directory / "log.jsonl").string() + "' can't be written"};
  return made;
}

void kept_task::accept(const task_accepted& answer, fs::path directory) {
  std::lock_guard guard{mutex_};
  accepted_ = true;
  directory_ = std::move(directory);
  now_.summary.task = answer.task;
  if (!now_.summary.over)
    coordinator_ = answer.coordinator;
  if (cancelled_ && coordinator_)
    caf::anon_send(coordinator_, cancel_task{});
  ++now_.version;
  changed_.notify_all();
}

void kept_task::cancel() {
  std::lock_guard guard{mutex_};
  cancelled_ = true;
  if (coordinator_)
    caf::anon_send(coordinator_, cancel_task{});
}

coordinator_actor kept_task::coordinator() const {
  std::lock_guard guard{mutex_};
  return coordinator_;
}

task_summary kept_task::summary() const {
  std::lock_guard guard{mutex_};
  return now_.summary;
}

fs::path kept_task::directory() const {
  std::lock_guard guard{mutex_};
  return directory_;
}

kept_task::moment kept_task::wait_past(std::uint64_t version,
                                       std::chrono::milliseconds patience) {
  std::unique_lock lock{mutex_};
  changed_.wait_for(lock, patience,
                    [this, version] { return now_.version > version; });
  return now_;
}

bool kept_task::handle(const event& one) {
  recorder_.handle(one);
  log_event(one);
  if (const auto* finished = std::get_if<task_finished>(&one)) {
    finish(finished->report);
    return true;
  }
  const auto* progress = std::get_if<task_progress>(&one);
  if (progress == nullptr)
    return false;
  log_.flush();
  std::lock_guard guard{mutex_};
  now_.progress = *progress;
  now_.summary.jobs = progress->jobs;
  now_.summary.elapsed = progress->elapsed;
  // The end is told by the report, with its files written.
  if (!is_final(std::string{to_string(progress->state)}))
    now_.summary.state = to_string(progress->state);
  ++now_.version;
  changed_.notify_all();
  return false;
}

// -- the log ------------------------------------------------------------------

void kept_task::log(log_level level, const std::string& message,
                    const std::string& node, const std::string& detail) {
  if (log_bytes_ >= log_bytes_max)
    return;
  constexpr const char* names[] = {"", "debug", "info", "warning", "error"};
  json line{{"time", json_of(calendar_now())},
            {"level", names[static_cast<std::size_t>(level)]},
            {"message", json_of(message)}};
  if (!node.empty())
    line["node"] = json_of(node);
  if (!detail.empty())
    line["stderr"] = json_of(detail);
  auto text = line_of(line) + "\n";
  log_bytes_ += text.size();
  if (log_bytes_ >= log_bytes_max)
    text = line_of(json{{"time", json_of(calendar_now())},
                        {"level", "warning"},
                        {"message", "this log is full; what follows is in the"
                                    " receipts"}})
           + "\n";
  log_ << text;
}

void kept_task::log_plan(const plan_report& plan) {
  for (const auto& problem : plan.problems)
    log(log_level::error, problem.message);
  if (plan.problems.empty())
    log(log_level::info, "planned: " + std::to_string(plan.jobs) + " jobs, "
                           + std::to_string(plan.replicas) + " replicas each, "
                           + std::to_string(plan.candidates.size())
                           + " workers; " + to_string(plan.hold)
                           + " credits held");
}

void kept_task::log_receipt(const receipt_recorded& item) {
  const auto& body = item.item.body;
  if (body.outcome == run_outcome::completed)
    return;
  log(log_level::warning,
      "job " + std::to_string(body.job) + ", attempt "
        + std::to_string(body.attempt)
        + " ended: " + std::string{to_string(body.outcome)} + " ("
        + std::to_string(body.exit_code) + ")",
      item.worker_name, item.stderr_tail);
}

void kept_task::log_event(const event& one) {
  if (const auto* planned = std::get_if<task_planned>(&one)) {
    log_plan(planned->plan);
  } else if (const auto* run = std::get_if<receipt_recorded>(&one)) {
    log_receipt(*run);
  } else if (const auto* verdict = std::get_if<verdict_recorded>(&one)) {
    if (!verdict->item.body.accepted)
      log(log_level::error,
          "job " + std::to_string(verdict->item.body.job) + " ("
            + verdict->input_name
            + ") failed: " + std::string{to_string(verdict->failure_code)},
          {}, verdict->stderr_tail);
  } else if (const auto* line = std::get_if<node_logged>(&one)) {
    log(line->level, line->message, line->node_name);
  }
}

// -- the end ------------------------------------------------------------------

void kept_task::write_end(const task_report& report,
                          const fs::path& directory) {
  auto document = report_json(report, recorder_.fuel_used());
  auto has_result = report.state == task_state::completed
                    && submission_.spec.reduce != reduce_operation::none;
  auto written =
    has_result ? replace_durably(directory / "result", as_text(report.result))
               : result<void>{};
  if (written)
    written = replace_durably(directory / "report.json", document_of(document));
  if (!written)
    log(log_level::error, written.error().message);
}

void kept_task::finish(task_report report) {
  recorder_.finish(report);
  const auto& problems = recorder_.plan_problems();
  if (task_recorder::is_refused(report) && !problems.empty())
    report.problem = problems.front();
  log(
    report.state == task_state::completed ? log_level::info : log_level::error,
    std::string{to_string(report.state)}
      + (report.problem.message.empty() ? "" : ": " + report.problem.message));
  if (recorder_.problem())
    log(log_level::error, recorder_.problem()->message);
  fs::path directory;
  task_summary summary;
  {
    // The answer with the task's id may come after its end.
    std::unique_lock lock{mutex_};
    constexpr std::chrono::minutes patience{1};
    changed_.wait_for(lock, patience, [this] { return accepted_; });
    directory = directory_;
    summary = now_.summary;
  }
  summary.over = true;
  summary.state = to_string(report.state);
  summary.jobs = report.jobs;
  summary.elapsed = report.elapsed;
  summary.problem = report.problem;
  write_end(report, directory);
  log_.flush();
  auto kept = replace_durably(directory / "task.json",
                              document_of(summary_json(summary)));
  if (!kept)
    log(log_level::error, kept.error().message);
  std::lock_guard guard{mutex_};
  now_.summary = std::move(summary);
  coordinator_ = coordinator_actor{};
  ++now_.version;
  changed_.notify_all();
}

} // namespace artel::runtime
