#include "runtime/config/settings_reload.hpp"

#include <cassert>

namespace artel::runtime {

std::vector<changed_setting> reload_difference(const node_settings& before,
                                               const node_settings& after) {
  std::vector<changed_setting> changed;
  for (const auto& one : settings_schema()) {
    auto from = one.show(before);
    auto to = one.show(after);
    if (from != to)
      changed.push_back(
        {one.name(), toml_text(from), toml_text(to), one.change});
  }
  return changed;
}

node_settings reloaded_settings(const node_settings& before,
                                const node_settings& after) {
  auto settings = before;
  for (const auto& one : settings_schema()) {
    if (one.change != setting_change::reload)
      continue;
    // What is shown reads as the same again, so this can't fail.
    [[maybe_unused]] auto taken = one.read(one.show(after), settings);
    assert(taken.ok());
  }
  return settings;
}

std::string to_string(const changed_setting& changed) {
  return changed.name + ": " + changed.before + " -> " + changed.after
         + (changed.change == setting_change::restart ? " (after a restart)"
                                                      : "");
}

} // namespace artel::runtime
