// The options of a node daemon: one for each of its settings, out of their
// schema, and the file that has the others.
#pragma once

#include "runtime/config/settings_loader.hpp"
#include "tools/artel/command_table.hpp"
#include "tools/artel/exit_codes.hpp"

#include <optional>
#include <vector>

namespace artel::tools {

/// --config, and --log-level and so on for each setting.
std::vector<option_info> node_options();

/// The options, this process's environment, and its working directory. A file
/// given as the command's argument is as good as --config.
runtime::setting_sources node_sources_of(const arguments& given);

/// The settings; nothing where problems were told, all of them, on standard
/// error. Warnings are told too.
std::optional<runtime::loaded_settings>
load_settings(const runtime::setting_sources& sources,
              runtime::named_files files);

} // namespace artel::tools
