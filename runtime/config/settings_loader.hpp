// The settings of a node daemon out of all that is said about them: a flag wins
// over the environment, that over the file, that over the default.
#pragma once

#include "runtime/config/config_problem.hpp"
#include "runtime/config/node_settings.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace artel::runtime {

/// Where settings come from.
struct setting_sources {
  std::optional<std::filesystem::path> file;
  /// All of the process's; others than ARTEL_<SECTION>_<KEY> are for defaults
  /// (HOME, XDG_CONFIG_HOME, XDG_STATE_HOME).
  std::map<std::string, std::string> environment;
  /// By name without dashes: "log-level".
  std::map<std::string, std::vector<std::string>> flags;
  /// Absolute: what paths in variables and flags are relative to.
  std::filesystem::path directory;
};

/// This process's variables and working directory; no file, no flags.
setting_sources sources_of_process();

struct loaded_settings {
  node_settings settings;
  /// By name: "log.level" -> "node.toml:12:1", "environment ARTEL_LOG_LEVEL",
  /// "--log-level", "default". Every setting has one.
  std::map<std::string, std::string> origins;
  /// What is odd, but no reason to stop.
  std::vector<std::string> warnings;
};

/// Whether the files that settings name are looked at: that they are there, and
/// that secrets are readable by their owner alone.
enum class named_files : std::uint8_t { unchecked = 1, checked };

/// Reads, fills in defaults, and checks all of it against each other. Every
/// problem is told at once, with its place; the value is there without any.
std::optional<loaded_settings>
load_node_settings(const setting_sources& sources, named_files files,
                   std::vector<config_problem>& problems);

/// The same with the file's text instead of a file; `sources.file` is only its
/// name.
std::optional<loaded_settings>
load_node_settings_text(std::string_view text, const setting_sources& sources,
                        named_files files,
                        std::vector<config_problem>& problems);

} // namespace artel::runtime
