#include "tools/artel/commands/job_explain.hpp"

#include "tools/artel/control_options.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  return ask_and_print(
    given, task_request("task.explain", given),
    [](const runtime::json& answer) -> result<printed_answer> {
      return printed_answer{
        answer.value("explanation", runtime::json::object()),
        text_in(answer, "text")};
    });
}

} // namespace

command_info job_explain_command() {
  auto command = task_command("job explain");
  command.summary = "tell why a task is where it is";
  command.description =
    "What a task waits for: its phase, every worker that was considered and why"
    " it is or is not given jobs, and the oldest jobs that are open with where"
    " they run or what they wait for. TASK is the first digits of its id.";
  command.examples = {"artel job explain 5f3c"};
  command.run = run;
  return command;
}

} // namespace artel::tools
