#include "tools/artel/commands/node_drain.hpp"

#include "runtime/config/units_text.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/control_options.hpp"

namespace artel::tools {

namespace {

result<printed_answer> print(const runtime::json& answer) {
  std::uint64_t left = 0;
  if (auto taken = runtime::read_field(answer, "left", left); !taken)
    return taken.error();
  if (left == 0)
    return printed_answer{answer, "drained: nothing is left to do\n"};
  return printed_answer{answer,
                        std::to_string(left) + " tasks and jobs are left\n",
                        exit_code::timed_out};
}

exit_code run(const arguments& given) {
  auto deadline =
    runtime::parse_duration(given.value("deadline").value_or("30s"));
  if (!deadline)
    return refuse(
      {deadline.error().code, "--deadline: " + deadline.error().message});
  return ask_and_print(
    given,
    runtime::json{{"request", "node.drain"},
                  {"deadline_ms", runtime::json_of(*deadline)}},
    print);
}

} // namespace

command_info node_drain_command() {
  command_info command;
  command.name = "node drain";
  command.summary = "let a node of this machine take nothing new";
  command.description =
    "The node bids for nothing any more, hands back what has not begun, and"
    " takes no new tasks; what runs may end. Answers once nothing is left, or "
    "at"
    " the deadline with exit code 5. The node goes on running, drained, until "
    "it"
    " is stopped.";
  command.options = control_and_format_options();
  command.options.push_back({.name = "deadline",
                             .kind = value_kind::text,
                             .value_name = "TIME",
                             .help = "how long to wait for what runs",
                             .default_text = "30s"});
  command.examples = {"artel node drain --deadline 5m"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
