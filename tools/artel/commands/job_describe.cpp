#include "tools/artel/commands/job_describe.hpp"

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
  return ask_and_print(
    given, task_request("task.describe", given),
    [](const runtime::json& answer) -> result<printed_answer> {
      auto task = summary_in(answer);
      if (!task)
        return task.error();
      return printed_answer{answer, description_of(*task, answer)};
    });
}

} // namespace

command_info job_describe_command() {
  auto command = task_command("job describe");
  command.summary = "tell how a task is, or how it ended";
  command.description =
    "What is known of a task that was submitted to a node of this machine: its"
    " state, where its receipts and results are kept, how far it is, and once"
    " it is over its report. TASK is the first digits of its id, as many as "
    "tell"
    " it from others.";
  command.examples = {"artel job describe 5f3c",
                      "artel job describe 5f3c -o json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
