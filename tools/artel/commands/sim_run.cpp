#include "tools/artel/commands/sim_run.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/units_text.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/shell/script_line.hpp"
#include "tools/artel/shell/session.hpp"

#include <iostream>
#include <string>
#include <utility>

namespace artel::tools {

namespace {

/// "NAME=VALUE"
result<std::pair<std::string, std::string>>
parse_variable(const std::string& text) {
  auto equals = text.find('=');
  auto name = text.substr(0, equals);
  if (equals == std::string::npos || !is_variable_name(name))
    return {errc::invalid_argument,
            "--set: " + artel::quoted(text) + " given; expected NAME=VALUE"};
  return std::pair{name, text.substr(equals + 1)};
}

std::optional<failure> read_options(const arguments& given,
                                    session_options& options) {
  options.log = given.has("log");
  options.guard_interrupts = true;
  if (auto text = given.value("seed")) {
    auto seed = runtime::parse_whole_number(*text);
    if (!seed)
      return failure{seed.error().code, "--seed: " + seed.error().message};
    options.seed = *seed;
  }
  for (const auto& text : given.values("set")) {
    auto variable = parse_variable(text);
    if (!variable)
      return variable.error();
    options.variables.insert_or_assign(variable->first, variable->second);
  }
  return std::nullopt;
}

exit_code run(const arguments& given) {
  session_options options{.out = std::cout, .err = std::cerr};
  if (auto problem = read_options(given, options))
    return refuse(*problem);
  session one{std::move(options)};
  if (auto path = given.value("trace"))
    if (auto opened = one.trace_to(*path); !opened)
      return refuse(opened.error());
  const auto& script = given.positional[0];
  auto code = script == "-" ? one.run_stream(std::cin, "standard input")
                            : one.run_file(script);
  if (code == exit_code::done)
    std::cout << "ok: " << one.summary() << '\n';
  std::cout.flush();
  auto written = one.finish_trace();
  if (!written && code == exit_code::done)
    return refuse(written.error());
  return code;
}

} // namespace

command_info sim_run_command() {
  command_info command;
  command.name = "sim run";
  command.summary = "run a script on a simulated network";
  command.usage = "SCRIPT [OPTION...]";
  command.description =
    "Runs a script of the shell's commands ('artel help' lists them) on a"
    " simulated network: real actors, virtual time, faults that the script"
    " names, everything else drawn from one seed. The script is checked first,"
    " and stops at the first line that fails. What must hold in every network "
    "is"
    " checked after each step. '-' reads standard input.";
  command.options = {
    {.name = "seed",
     .kind = value_kind::text,
     .value_name = "N",
     .help = "in place of the script's"},
    {.name = "set",
     .kind = value_kind::text,
     .value_name = "NAME=VALUE",
     .help =
       "a variable's value, in place of what the script sets; may be given"
       " again",
     .repeatable = true},
    {.name = "trace",
     .kind = value_kind::file,
     .value_name = "FILE",
     .help = "write all that happens there, for chrome://tracing or"
             " ui.perfetto.dev"},
    {.name = "log", .help = "tell what nodes log, and the faults"},
  };
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel sim run failover.artel",
                      "artel sim run failover.artel --seed 8 --set workers=50"};
  command.run = run;
  command.scope = command_scope::terminal;
  return command;
}

} // namespace artel::tools
