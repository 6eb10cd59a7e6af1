// What a running node does with settings that were read again.
#pragma once

#include "runtime/config/node_settings.hpp"
#include "runtime/config/settings_schema.hpp"

#include <string>
#include <vector>

namespace artel::runtime {

struct changed_setting {
  /// "log.level"
  std::string name;
  /// As TOML shows them.
  std::string before;
  std::string after;
  setting_change change = setting_change::restart;

  bool operator==(const changed_setting&) const = default;
};

/// All that differs, in the schema's order.
std::vector<changed_setting> reload_difference(const node_settings& before,
                                               const node_settings& after);

/// The settings that a running node then has: `after` where that can change
/// while it runs, else `before`.
node_settings reloaded_settings(const node_settings& before,
                                const node_settings& after);

/// "log.level: \"info\" -> \"debug\"", or with "(after a restart)".
std::string to_string(const changed_setting& changed);

} // namespace artel::runtime
