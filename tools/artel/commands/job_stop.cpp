#include "tools/artel/commands/job_stop.hpp"

#include "runtime/control/kept_task.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto answer = ask_node(given, task_request("task.stop", given));
  if (!answer)
    return refuse(answer.error());
  auto task =
    runtime::read_summary(answer->value("summary", runtime::json::object()));
  if (!task)
    return refuse(task.error());
  write_output(*format == output_format::json
                 ? runtime::document_of(runtime::summary_json(*task))
                 : printable(task->state) + "\n");
  return task->over ? exit_code::done : exit_code::timed_out;
}

} // namespace

command_info job_stop_command() {
  command_info command;
  command.name = "job stop";
  command.summary = "stop a task: its jobs are cancelled, the rest is settled";
  command.usage = "TASK [OPTION...]";
  command.description =
    "Cancels what runs, pays what was verified, gives back what is held, and"
    " prints the state that the task then has; one that is over stays as it is."
    " TASK is the first digits of its id. Exit code 5 where it takes longer "
    "than"
    " 30 s.";
  command.options = control_and_format_options();
  command.positional = value_kind::text;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel job stop 5f3c"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
