// Every setting of a node daemon, in one table: what reads files, variables and
// flags, what shows and compares settings, and what writes the example file all
// go by it. A new setting is a line here and a member in node_settings.
#pragma once

#include "runtime/config/node_settings.hpp"
#include "runtime/config/setting_value.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace artel::runtime {

/// Whether a running node can take a new value.
enum class setting_change : std::uint8_t { reload = 1, restart };

struct setting {
  std::string section;
  std::string key;
  setting_kind kind = setting_kind::text;
  setting_bounds bounds;
  /// Of the kind choice.
  std::vector<std::string_view> choices;
  /// What help calls the value: "FILE".
  std::string value_name;
  /// Lower case, no full stop.
  std::string help;
  /// In words, where the default depends on something.
  std::string default_note;
  setting_change change = setting_change::restart;
  /// The value is of the setting's kind.
  std::function<result<void>(const setting_value&, node_settings&)> read;
  std::function<setting_value(const node_settings&)> show;

  /// "log.level", "log-level", "ARTEL_LOG_LEVEL".
  std::string name() const;
  std::string flag() const;
  std::string variable() const;
};

struct section_info {
  std::string_view name;
  std::string_view help;
};

/// In the order of files and help.
const std::vector<section_info>& settings_sections();

/// By section, in that order.
const std::vector<setting>& settings_schema();

/// By name ("log.level"); null where there is none.
const setting* find_setting(std::string_view name);

} // namespace artel::runtime
