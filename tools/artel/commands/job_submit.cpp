#include "tools/artel/commands/job_submit.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"
#include "tools/artel/task_run.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  std::vector<runtime::config_problem> problems;
  auto task = describe_task(given, problems);
  if (!task)
    return refuse_all(problems);
  // What is wrong is told here, where the file's lines are known.
  if (!runtime::prepare(*task, problems))
    return refuse_all(problems);
  return ask_and_print(
    given,
    runtime::json{{"request", "task.submit"},
                  {"text", runtime::json_of(runtime::write_task_text(*task))},
                  {"directory", runtime::json_of(task->directory.string())},
                  {"file_name", runtime::json_of(task->file_name)}},
    [](const runtime::json& answer) -> result<printed_answer> {
      return printed_answer{answer, text_in(answer, "task") + "\n"};
    });
}

} // namespace

command_info job_submit_command() {
  command_info command;
  command.name = "job submit";
  command.summary = "hand a task to a node of this machine, and don't wait";
  command.usage = "[FILE] [OPTION...] [-- PROGRAM ARGUMENT...]";
  command.description =
    "Takes a task as 'artel job run' does, checks it, and hands it to a running"
    " node over its control socket. The node reads programs and inputs itself,"
    " from the same places and with its own rights, and keeps receipts and"
    " results. Prints the task's id, for 'artel job wait', 'artel job results'"
    " and the others.";
  command.options =
    input_options() + terms_options() + control_and_format_options();
  command.positional = value_kind::file;
  command.positional_max = 1;
  command.takes_program = true;
  command.examples = {"artel job submit primes.toml",
                      "artel job wait $(artel job submit primes.toml)"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
