#include "tools/artel/commands/version.hpp"

#include "protocol/wire/messages.hpp"
#include "tools/artel/console.hpp"

#ifndef ARTEL_VERSION
#  error "ARTEL_VERSION is set by the build, from the project's version"
#endif

namespace artel::tools {

namespace {

exit_code run(const arguments&) {
  write_output("artel " ARTEL_VERSION " (protocol "
               + std::to_string(wire::protocol_version) + ")\n");
  return exit_code::done;
}

} // namespace

command_info version_command() {
  command_info command;
  command.name = "version";
  command.summary = "print the version of artel and of its protocol";
  command.run = run;
  return command;
}

} // namespace artel::tools
