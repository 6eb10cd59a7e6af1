#include "tools/artel/commands/job_describe.hpp"

#include "runtime/control/kept_task.hpp"
#include "runtime/control/report_reader.hpp"
#include "runtime/observe/progress.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"
#include "tools/artel/report_text.hpp"
#include "tools/artel/text_table.hpp"

namespace artel::tools {

namespace {

constexpr std::size_t progress_columns = 200;

std::string description_of(const runtime::task_summary& task,
                           const runtime::json& answer) {
  std::vector<std::vector<std::string>> rows{
    {"task", to_string(task.task)},
    {"name", printable(task.name)},
    {"state", printable(task.state)},
    {"submitted", moment_text(task.submitted)},
    {"files", text_in(answer, "directory")},
  };
  if (!task.problem.message.empty())
    rows.push_back({"problem", printable(task.problem.message)});
  auto told = answer.find("progress");
  if (told != answer.end())
    if (auto progress = runtime::read_progress(*told))
      rows.push_back(
        {"progress", runtime::progress_text(*progress, progress_columns)});
  constexpr std::size_t words = 2;
  auto text = table_text(rows, 0, words);
  auto report = answer.find("report");
  if (report == answer.end())
    return text;
  auto read = runtime::read_report(*report);
  return read ? text + failure_text(read->report)
                  + summary_text(read->report, read->fuel_used)
              : text;
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto answer = ask_node(given, task_request("task.describe", given));
  if (!answer)
    return refuse(answer.error());
  if (*format == output_format::json) {
    write_output(runtime::document_of(*answer));
    return exit_code::done;
  }
  auto task =
    runtime::read_summary(answer->value("summary", runtime::json::object()));
  if (!task)
    return refuse(task.error());
  write_output(description_of(*task, *answer));
  return exit_code::done;
}

} // namespace

command_info job_describe_command() {
  command_info command;
  command.name = "job describe";
  command.summary = "tell how a task is, or how it ended";
  command.usage = "TASK [OPTION...]";
  command.description =
    "What is known of a task that was submitted to a node of this machine: its"
    " state, where its receipts and results are kept, how far it is, and once"
    " it is over its report. TASK is the first digits of its id, as many as "
    "tell"
    " it from others.";
  command.options = control_and_format_options();
  command.positional = value_kind::text;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel job describe 5f3c",
                      "artel job describe 5f3c -o json"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
