#include "tools/artel/commands/config_show.hpp"

#include "runtime/config/settings_text.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/node_options.hpp"
#include "tools/artel/task_options.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  // Whether files are there matters to a start, not to what is set.
  auto loaded =
    load_settings(node_sources_of(given), runtime::named_files::unchecked);
  if (!loaded)
    return exit_code::invalid_input;
  write_output(*format == output_format::json
                 ? runtime::document_of(runtime::settings_json(*loaded))
                 : printable(runtime::settings_toml(*loaded)));
  return exit_code::done;
}

} // namespace

command_info config_show_command() {
  command_info command;
  command.name = "config show";
  command.summary = "print a node's settings, and where each comes from";
  command.usage = "[--config FILE] [OPTION...]";
  command.description =
    "Prints the settings that 'artel node start' would have with the same"
    " options and environment, as a TOML file with the origin of each behind"
    " it: a line of the file, a variable, a flag, or the default. A flag wins"
    " over a variable, and that over the file. Keys and passphrases are never"
    " printed, only where they are.";
  command.options = node_options();
  command.options.push_back({.name = "output",
                             .letter = 'o',
                             .kind = value_kind::choice,
                             .value_name = "FORMAT",
                             .help = "table (TOML) or json",
                             .default_text = "table",
                             .choices = {"table", "json"}});
  command.examples = {"artel config show --config node.toml",
                      "artel config show --log-level debug -o json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
