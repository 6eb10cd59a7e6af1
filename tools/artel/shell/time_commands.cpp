#include "protocol/task/message_text.hpp"
#include "runtime/sim/world.hpp"
#include "tools/artel/shell/conditions.hpp"
#include "tools/artel/shell/figure_value.hpp"
#include "tools/artel/shell/option_values.hpp"
#include "tools/artel/shell/session.hpp"
#include "tools/artel/shell/session_commands.hpp"

#include <string>
#include <utility>

namespace artel::tools {

namespace {

constexpr microseconds forever{microseconds::max() / 4};

/// Reads the nth word of the arguments as a time.
std::optional<microseconds> time_at(session& in, const arguments& given,
                                    std::size_t index, exit_code& code) {
  const auto& words = in.words();
  auto word = in.first_argument() + index;
  if (index >= given.positional.size()) {
    code = in.refuse_at(words.back().end, exit_code::invalid_input,
                        "expected a time here, such as 10s or 500ms");
    return std::nullopt;
  }
  auto span = parse_span(given.positional[index]);
  if (span)
    return *span;
  code = in.refuse_at(words[word].offset, exit_code::invalid_input,
                      span.error().message);
  return std::nullopt;
}

exit_code run_for(session& in, const arguments& given) {
  std::size_t first = 0;
  if (given.positional.size() > 1) {
    if (given.positional[0] != "for")
      return in.refuse(
        {errc::invalid_argument, "expected one time; usage: run [for] TIME"},
        given.positional[1]);
    first = 1;
  }
  auto code = exit_code::done;
  auto span = time_at(in, given, first, code);
  if (!span)
    return code;
  return in.is_checking() ? exit_code::done : in.drive(*span);
}

exit_code run_wait_until(session& in, const arguments&) {
  auto code = exit_code::done;
  auto waited = read_condition(in, code);
  if (!waited)
    return code;
  if (!waited->within)
    return in.refuse_at(in.line().text.size(), exit_code::invalid_input,
                        "'wait until' lacks its limit of time; expected"
                        " 'within 60s' at the end");
  if (in.is_checking())
    return exit_code::done;
  return wait_for(in, *waited, exit_code::timed_out);
}

exit_code run_settle(session& in, const arguments& given) {
  constexpr microseconds bound_default{60'000'000};
  auto bound = bound_default;
  if (!given.positional.empty()) {
    if (given.positional[0] != "within")
      return in.refuse({errc::invalid_argument,
                        "expected 'within' and a time here; usage: settle"
                        " [within TIME]"},
                       given.positional[0]);
    auto code = exit_code::done;
    auto span = time_at(in, given, 1, code);
    if (!span)
      return code;
    bound = *span;
  }
  return in.is_checking() ? exit_code::done : in.settle(bound);
}

/// Whether a command follows from that word on.
std::optional<exit_code> check_command_at(session& in, std::size_t word) {
  if (word >= in.words().size())
    return in.refuse_at(in.line().text.size(), exit_code::invalid_input,
                        "expected a command here");
  if (!in.is_checking())
    return std::nullopt;
  auto code = in.check_later(word);
  return code == exit_code::done ? std::nullopt : std::optional{code};
}

exit_code run_at(session& in, const arguments& given) {
  auto code = exit_code::done;
  auto when = time_at(in, given, 0, code);
  if (!when)
    return code;
  auto word = in.first_argument() + 1;
  if (auto refused = check_command_at(in, word))
    return *refused;
  if (in.is_checking())
    return exit_code::done;
  auto now = in.need_world().elapsed();
  if (*when < now)
    return in.refuse({errc::out_of_range,
                      span_text(*when) + " is over: it is " + span_text(now)
                        + " since the world began; 'at' means such a time"},
                     given.positional[0]);
  in.run_later(word, *when);
  return exit_code::done;
}

exit_code run_every(session& in, const arguments& given) {
  auto code = exit_code::done;
  auto period = time_at(in, given, 0, code);
  if (!period)
    return code;
  if (period->count() == 0)
    return in.refuse({errc::out_of_range, "expected a time above zero"},
                     given.positional[0]);
  auto last = forever;
  auto word = in.first_argument() + 1;
  if (given.positional.size() > 1 && given.positional[1] == "until") {
    auto until = time_at(in, given, 2, code);
    if (!until)
      return code;
    last = *until;
    word += 2;
  }
  if (auto refused = check_command_at(in, word))
    return *refused;
  if (in.is_checking())
    return exit_code::done;
  auto first = in.need_world().elapsed() + *period;
  if (first <= last)
    in.run_later(word, first, *period, last);
  return exit_code::done;
}

command_info time_command(std::string name, std::string summary,
                          std::string usage, value_kind positional,
                          exit_code (*run)(session&, const arguments&)) {
  command_info command;
  command.name = std::move(name);
  command.summary = std::move(summary);
  command.usage = std::move(usage);
  command.positional = positional;
  command.positional_min = 1;
  command.positional_max = 2;
  command.run_in_session = run;
  return command;
}

command_info line_command(std::string name, std::string summary,
                          std::string usage, value_kind positional,
                          exit_code (*run)(session&, const arguments&)) {
  auto command = time_command(std::move(name), std::move(summary),
                              std::move(usage), positional, run);
  command.takes_line = true;
  command.positional_max = std::string::npos;
  return command;
}

} // namespace

std::vector<command_info> time_commands() {
  using enum value_kind;
  auto run = time_command("run", "let time pass", "[for] TIME", text, run_for);
  run.examples = {"run 10s", "run 500ms"};
  auto wait = time_command("wait for", "let time pass", "TIME", text, run_for);
  wait.positional_max = 1;
  auto until =
    line_command("wait until", "let time pass until something holds",
                 "EXPRESSION within TIME", expression, run_wait_until);
  until.description =
    "Ends with exit code 5 where it does not hold within the time. 'help"
    " expect' says what expressions are.";
  until.examples = {"wait until primes.done within 60s"};
  auto at = line_command("at", "put a command off to a time", "TIME COMMAND...",
                         line, run_at);
  at.description =
    "The time counts from the beginning of the world. What no longer applies by"
    " then, such as ending a node that is down already, is noted and passed"
    " over.";
  at.examples = {"at 2s node kill worker-1"};
  auto every = line_command("every", "run a command again and again",
                            "TIME [until TIME] COMMAND...", line, run_every);
  every.description = "First when so much time has passed. 'until' counts from"
                      " the beginning of the world, as 'at' does.";
  every.examples = {"every 2s until 30s net break alice worker-*"};
  auto settle = time_command("settle",
                             "stop all faults, and see everything"
                             " come to its end",
                             "[within TIME]", text, run_settle);
  settle.positional_min = 0;
  settle.description =
    "All nodes are up and honest and the network is calm from here on. Every"
    " task must end, every link come up and every hold be resolved within the"
    " time (default: 60s); what does not breaks the rule 'liveness'.";
  return {run, wait, until, at, every, settle};
}

} // namespace artel::tools
