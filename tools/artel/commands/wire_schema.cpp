#include "tools/artel/commands/wire_schema.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/wire/schema_text.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments&) {
  write_output(wire_schema_text());
  return finish_output(exit_code::done);
}

} // namespace

command_info wire_schema_command() {
  command_info command;
  command.name = "wire schema";
  command.summary = "print the fields of the protocol's messages";
  command.description =
    "Prints each message with its fields, their types and limits, as in"
    " protocol/README.md.";
  command.examples = {"artel wire schema"};
  command.run = run;
  return command;
}

} // namespace artel::tools
