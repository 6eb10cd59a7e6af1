#include "tools/artel/commands/wire_vectors.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/wire/vectors.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments&) {
  write_output(wire_vectors());
  return finish_output(exit_code::done);
}

} // namespace

command_info wire_vectors_command() {
  command_info command;
  command.name = "wire vectors";
  command.summary = "print test vectors of the protocol";
  command.description =
    "Prints keys, hashes, encodings, signatures and a whole conversation as "
    "JSON,"
    " for those who write a client in another language. The same on every"
    " machine; protocol/README.md says what the bytes mean.";
  command.examples = {"artel wire vectors"};
  command.run = run;
  return command;
}

} // namespace artel::tools
