#include "tools/artel/commands/config_check.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/node_options.hpp"

#include <map>

namespace artel::tools {

namespace {

/// "12 settings from node.toml, 1 from the environment, all else by default"
std::string summary_of(const runtime::loaded_settings& loaded,
                       const std::string& file) {
  std::size_t in_file = 0;
  std::size_t in_environment = 0;
  for (const auto& [name, origin] : loaded.origins) {
    in_file += origin.starts_with(file + ":");
    in_environment += origin.starts_with("environment ");
  }
  auto text = file + " is fine: " + std::to_string(in_file)
              + (in_file == 1 ? " setting" : " settings") + " of it";
  if (in_environment > 0)
    text += ", " + std::to_string(in_environment) + " from the environment";
  return text + ", all else by default";
}

exit_code run(const arguments& given) {
  auto sources = node_sources_of(given);
  auto loaded = load_settings(sources, runtime::named_files::checked);
  if (!loaded)
    return exit_code::invalid_input;
  write_output(printable(summary_of(*loaded, sources.file->string())) + "\n");
  return exit_code::done;
}

} // namespace

command_info config_check_command() {
  command_info command;
  command.name = "config check";
  command.summary = "tell everything that is wrong with a node's settings";
  command.usage = "FILE";
  command.description =
    "Reads the settings of a node daemon as 'artel node start --config FILE'"
    " would, with the variables of the environment, and checks them, also"
    " against each other, and the files that they name. Every problem is one"
    " line with its place, and the exit code is then 2. Nothing is started or"
    " written.";
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel config check node.toml"};
  command.run = run;
  return command;
}

} // namespace artel::tools
