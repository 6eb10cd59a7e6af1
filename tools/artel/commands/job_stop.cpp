#include "tools/artel/commands/job_stop.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  return ask_and_print(
    given, task_request("task.stop", given),
    [](const runtime::json& answer) -> result<printed_answer> {
      auto task = summary_in(answer);
      if (!task)
        return task.error();
      return printed_answer{
        runtime::summary_json(*task), printable(task->state) + "\n",
        task->over ? exit_code::done : exit_code::timed_out};
    });
}

} // namespace

command_info job_stop_command() {
  auto command = task_command("job stop");
  command.summary = "stop a task: its jobs are cancelled, the rest is settled";
  command.description =
    "Cancels what runs, pays what was verified, gives back what is held, and"
    " prints the state that the task then has; one that is over stays as it is."
    " TASK is the first digits of its id. Exit code 5 where it takes longer "
    "than"
    " 30 s.";
  command.examples = {"artel job stop 5f3c"};
  command.run = run;
  return command;
}

} // namespace artel::tools
