#include "tools/artel/commands/job_results.hpp"

#include "protocol/task/chunk_plan.hpp"
#include "runtime/control/report_reader.hpp"
#include "runtime/control/result_stream.hpp"
#include "runtime/observe/results_directory.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"
#include "tools/artel/outcome_printer.hpp"

#include <filesystem>
#include <optional>

namespace artel::tools {

namespace {

/// Takes a task's results as they come and gives them to a printer and to a
/// directory.
class result_taker {
public:
  result_taker(const arguments& given, output_format format,
               const runtime::task_summary& task)
    : force_(given.has("force")),
      printer_({format, task.reduce, task.chunks, given.has("results")},
               nullptr) {
    if (auto path = given.value("results"))
      directory_ = *path;
    receiver_.on_task = [this](const runtime::task_record& record) {
      return open(record);
    };
    receiver_.on_job = [this](const verdict_recorded& job) {
      printer_.take(job);
      return results_
               ? results_->write(job.item.body.job, job.output, job.files)
               : result<void>{};
    };
  }

  bool take(const runtime::json& event) {
    if (auto taken = receiver_.take(event); !taken)
      problem_ = taken.error();
    return !problem_;
  }

  const std::optional<failure>& problem() const { return problem_; }

  void finish(runtime::told_report told) {
    if (receiver_.aggregate())
      told.report.result = *receiver_.aggregate();
    printer_.finish(told.report, told.fuel_used);
  }

private:
  result<void> open(const runtime::task_record& record) {
    if (!directory_)
      return {};
    source_ = record.source;
    auto opened =
      runtime::results_directory::open(*directory_, source_, force_);
    if (!opened)
      return opened.error();
    results_ = std::move(*opened);
    return {};
  }

  bool force_;
  std::optional<std::filesystem::path> directory_;
  outcome_printer printer_;
  runtime::result_receiver receiver_;
  task_source source_;
  std::unique_ptr<runtime::results_directory> results_;
  std::optional<failure> problem_;
};

/// A task that runs, or that was lost, has no report: what there is of it.
runtime::told_report told_of(const runtime::json& answer,
                             const runtime::task_summary& task) {
  auto read =
    runtime::read_report(answer.value("report", runtime::json::object()));
  if (read)
    return *read;
  runtime::told_report told;
  told.report.task = task.task;
  told.report.name = task.name;
  told.report.jobs = task.jobs;
  told.report.elapsed = task.elapsed;
  told.report.state = task_state::running;
  return told;
}

exit_code print_results(const arguments& given, output_format format,
                        runtime::control_client& node) {
  auto described = node.ask(task_request("task.describe", given));
  if (!described)
    return refuse(described.error());
  auto task = summary_in(*described);
  if (!task)
    return refuse(task.error());
  result_taker taker{given, format, *task};
  auto answer = node.ask(
    task_request("task.results", given),
    [&taker](const runtime::json& event) { return taker.take(event); });
  if (taker.problem())
    return refuse(*taker.problem());
  if (!answer)
    return refuse(answer.error());
  auto told = told_of(*answer, *task);
  taker.finish(told);
  if (!task->over) {
    tell("the task still runs: these are its results so far");
    return exit_code::done;
  }
  if (!task->problem.message.empty())
    tell(task->problem.message);
  return task->state == "lost" ? exit_code::failure : exit_code_of(told.report);
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto node = connect_to_node(given);
  if (!node)
    return refuse(node.error());
  return print_results(given, *format, *node);
}

} // namespace

command_info job_results_command() {
  auto command = task_command("job results");
  command.summary = "print the results of a task of a node of this machine";
  command.description =
    "Prints what 'artel job run' would have printed: the aggregate, or the "
    "output"
    " of a single job, or a line INDEX, tab, first line of output for each job."
    " With --results each job's output is written to a file there. Ends with "
    "the"
    " exit code of the task. TASK is the first digits of its id.";
  command.options.push_back(
    {.name = "results",
     .kind = value_kind::directory,
     .value_name = "DIR",
     .help = "write each job's output there, as a file"});
  command.options.push_back(
    {.name = "force", .help = "replace existing results"});
  command.examples = {"artel job results 5f3c",
                      "artel job results 5f3c --results out"};
  command.run = run;
  return command;
}

} // namespace artel::tools
