#include "tools/artel/commands/job_wait.hpp"

#include "runtime/control/report_reader.hpp"
#include "runtime/observe/progress.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"
#include "tools/artel/report_text.hpp"

namespace artel::tools {

namespace {

/// Shows what comes while a task goes on.
runtime::control_events show_progress(runtime::progress_view& view,
                                      bool quiet) {
  return [&view, quiet](const runtime::json& event) {
    auto told = event.find("progress");
    if (quiet || told == event.end())
      return true;
    if (auto progress = runtime::read_progress(*told))
      write_error(view.show(*progress, terminal_columns()));
    return true;
  };
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto quiet = given.has("quiet");
  runtime::progress_view view;
  auto answer = ask_node(given, task_request("task.wait", given),
                         show_progress(view, quiet));
  write_error(view.clear());
  if (!answer)
    return refuse(answer.error());
  auto task = summary_in(*answer);
  if (!task)
    return refuse(task.error());
  write_output(*format == output_format::json ? runtime::document_of(*answer)
                                              : printable(task->state) + "\n");
  auto report =
    runtime::read_report(answer->value("report", runtime::json::object()));
  if (!report) {
    tell(task->problem.message.empty() ? report.error().message
                                       : task->problem.message);
    return exit_code::failure;
  }
  write_error(failure_text(report->report));
  if (!quiet)
    write_error(summary_text(report->report, report->fuel_used));
  return exit_code_of(report->report);
}

} // namespace

command_info job_wait_command() {
  auto command = task_command("job wait");
  command.summary = "wait for a task of a node of this machine";
  command.description =
    "Shows a task's progress until it is over, prints its final state and its"
    " summary, and ends with the exit code that 'artel job run' would have."
    " Ctrl-C ends the waiting, not the task. TASK is the first digits of its"
    " id.";
  command.options.push_back(
    {.name = "quiet", .letter = 'q', .help = "tell nothing but errors"});
  command.examples = {"artel job wait 5f3c"};
  command.run = run;
  return command;
}

} // namespace artel::tools
