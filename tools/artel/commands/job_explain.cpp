#include "tools/artel/commands/job_explain.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto answer = ask_node(given, task_request("task.explain", given));
  if (!answer)
    return refuse(answer.error());
  write_output(*format == output_format::json ? runtime::document_of(
                 answer->value("explanation", runtime::json::object()))
                                              : text_in(*answer, "text"));
  return exit_code::done;
}

} // namespace

command_info job_explain_command() {
  command_info command;
  command.name = "job explain";
  command.summary = "tell why a task is where it is";
  command.usage = "TASK [OPTION...]";
  command.description =
    "What a task waits for: its phase, every worker that was considered and why"
    " it is or is not given jobs, and the oldest jobs that are open with where"
    " they run or what they wait for. TASK is the first digits of its id.";
  command.options = control_and_format_options();
  command.positional = value_kind::text;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel job explain 5f3c"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
