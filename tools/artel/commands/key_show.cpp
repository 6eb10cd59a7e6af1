#include "tools/artel/commands/key_show.hpp"

#include "runtime/config/key_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/passphrase_options.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  auto path = key_path_of(given);
  if (!path)
    return refuse(path.error());
  auto source = passphrase_source_of(given, "");
  if (!source)
    return refuse(source.error());
  auto summary = runtime::inspect_key_file(*path);
  if (!summary)
    return refuse_key(summary.error());
  if (!source->is_none()) {
    auto key = runtime::read_key_file(
      *path, [&source] { return runtime::read_passphrase(*source); });
    if (!key)
      return refuse_key(key.error());
  }
  write_output(to_string(summary->node) + "\n");
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
    " its node id. Refuses a file that others than its owner may use. Needs no"
    " passphrase; where one is given, it is tried, and so is the whole file"
    " checked. Never prints the secret.";
  command.options = passphrase_options("", "the passphrase to try");
  command.positional = value_kind::file;
  command.positional_max = 1;
  command.examples = {"artel key show worker.key"};
  command.run = run;
  return command;
}

} // namespace artel::tools
