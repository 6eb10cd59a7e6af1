#include "tools/artel/commands/config_example.hpp"

#include "runtime/config/settings_text.hpp"
#include "tools/artel/console.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments&) {
  write_output(runtime::example_settings_file());
  return exit_code::done;
}

} // namespace

command_info config_example_command() {
  command_info command;
  command.name = "config example";
  command.summary = "print a file of settings to start from";
  command.description =
    "Prints every setting of a node daemon with its meaning, what it may be and"
    " its default, as a TOML file in which all of them are commented out.";
  command.examples = {"artel config example > node.toml"};
  command.run = run;
  return command;
}

} // namespace artel::tools
