#include "tools/artel/commands/key_show.hpp"

#include "runtime/config/key_file.hpp"
#include "tools/artel/console.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  std::filesystem::path path;
  if (!given.positional.empty()) {
    path = given.positional.front();
  } else {
    auto usual = runtime::default_key_path();
    if (!usual)
      return refuse(usual.error());
    path = *usual;
  }
  auto key = runtime::read_key_file(path);
  if (!key) {
    refuse(key.error());
    // A file with the wrong rights is for the user to mend, like any input.
    return exit_code::invalid_input;
  }
  write_output(to_string(key->node()) + "\n");
  return exit_code::done;
}

} // namespace

command_info key_show_command() {
  command_info command;
  command.name = "key show";
  command.summary = "print the node id of a key file";
  command.usage = "[FILE]";
  command.description =
    "Reads a key file, ~/.config/artel/node.key where none is named, and prints"
    " its node id. Refuses a file that others than its owner may use. Never"
    " prints the secret.";
  command.positional = value_kind::file;
  command.positional_max = 1;
  command.examples = {"artel key show worker.key"};
  command.run = run;
  return command;
}

} // namespace artel::tools
