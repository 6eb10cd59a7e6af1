#include "tools/artel/commands/job_list.hpp"

#include "runtime/control/kept_task.hpp"
#include "runtime/observe/progress.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"
#include "tools/artel/report_text.hpp"
#include "tools/artel/text_table.hpp"

namespace artel::tools {

namespace {

std::vector<std::string> row_of(const runtime::task_summary& task) {
  return {short_id(to_string(task.task)),
          printable(task.name),
          printable(task.state),
          moment_text(task.submitted),
          std::to_string(task.jobs.completed) + "/"
            + std::to_string(task.jobs.total),
          std::to_string(task.jobs.failed),
          runtime::elapsed_text(task.elapsed)};
}

result<printed_answer> print(const runtime::json& answer) {
  std::vector<std::vector<std::string>> rows{
    {"TASK", "NAME", "STATE", "SUBMITTED", "JOBS", "FAILED", "ELAPSED"}};
  for (const auto& one : answer.value("tasks", runtime::json::array()))
    if (auto task = runtime::read_summary(one))
      rows.push_back(row_of(*task));
  constexpr std::size_t words = 4;
  return printed_answer{answer, table_text(rows, 0, words)};
}

exit_code run(const arguments& given) {
  return ask_and_print(given, runtime::json{{"request", "task.list"}}, print);
}

} // namespace

command_info job_list_command() {
  command_info command;
  command.name = "job list";
  command.summary = "list the tasks of a node of this machine";
  command.description =
    "Lists what was submitted to a running node, the latest first: what runs,"
    " and what is over. Of those that are over the last 1,000 are kept, with 1"
    " GiB of results together. 'lost' are those whose node ended before them.";
  command.options = control_and_format_options();
  command.examples = {"artel job list", "artel job list -o json"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
