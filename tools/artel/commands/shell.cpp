#include "tools/artel/commands/shell.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/shell/prompt.hpp"
#include "tools/artel/shell/session.hpp"

#include <iostream>
#include <string_view>

#include <unistd.h>

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  auto from_file = !given.positional.empty() && given.positional[0] != "-";
  auto at_terminal = given.positional.empty() && ::isatty(STDIN_FILENO) != 0;
  session_options options{.out = std::cout, .err = std::cerr};
  options.guard_interrupts = !at_terminal;
  session one{std::move(options)};
  if (at_terminal)
    return run_prompt(one);
  auto code = from_file ? one.run_file(given.positional[0])
                        : one.run_stream(std::cin, "standard input");
  std::cout.flush();
  return finish_output(code);
}

} // namespace

command_info shell_command() {
  command_info command;
  command.name = "shell";
  command.summary = "try a simulated network at a prompt, or run a script";
  command.usage = "[FILE]";
  command.description =
    "On a terminal, a prompt with history and completion: each line is a"
    " command to a network of simulated nodes in virtual time. 'help' there"
    " lists the commands. Ctrl-C stops the command that runs and keeps the"
    " network; Ctrl-D leaves. Mistakes don't end it, and it ends with exit code"
    " 0. With a file, or where standard input is no terminal, runs the lines as"
    " a script: it stops at the first that fails, with its exit code.";
  command.positional = value_kind::file;
  command.positional_max = 1;
  command.examples = {"artel shell", "artel shell failover.artel",
                      "artel shell < failover.artel"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
