#include "runtime/config/settings_text.hpp"

#include "runtime/config/units_text.hpp"

#include <cstddef>
#include <limits>
#include <string_view>
#include <utility>

namespace artel::runtime {

namespace {

constexpr std::size_t columns = 80;

/// Comment lines of at most 80 columns.
std::string comment(std::string_view text) {
  std::string lines;
  std::string line = "#";
  while (!text.empty()) {
    auto end = text.find(' ');
    auto word = text.substr(0, end);
    if (line.size() + 1 + word.size() > columns && line.size() > 1) {
      lines += line + "\n";
      line = "#";
    }
    line += " ";
    line += word;
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
  }
  return lines + line + "\n";
}

std::string sentence(std::string text) {
  if (!text.empty() && text.front() >= 'a' && text.front() <= 'z')
    text.front() = static_cast<char>(text.front() - 'a' + 'A');
  return text + ".";
}

/// A comment ends with its line, and holds no control characters.
std::string comment_safe(std::string text) {
  for (auto& c : text)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f)
      c = '?';
  return text;
}

json json_of_value(const setting_value& value) {
  struct writer {
    json operator()(bool one) { return one; }
    json operator()(std::uint64_t one) { return one; }
    json operator()(const std::string& one) { return json_of(one); }
    json operator()(const std::vector<std::string>& all) {
      auto list = json::array();
      for (const auto& one : all)
        list.push_back(json_of(one));
      return list;
    }
  };
  if (is_blank(value))
    return nullptr;
  return std::visit(writer{}, value);
}

/// A time in its largest unit: "24h".
std::string span_text(std::uint64_t count_ms) {
  constexpr std::pair<std::uint64_t, std::string_view> units[] = {
    {86'400'000, "d"}, {3'600'000, "h"}, {60'000, "m"}, {1'000, "s"}};
  for (auto [unit_ms, name] : units)
    if (count_ms % unit_ms == 0)
      return std::to_string(count_ms / unit_ms)
        .append(count_ms == 0 ? "s" : name);
  return std::to_string(count_ms) + "ms";
}

/// What is said above one key of the example.
std::string explanation(const setting& one) {
  auto text = sentence(one.help);
  // Choices with a word of explanation name themselves.
  if (!one.choices.empty()) {
    std::string words;
    for (auto choice : one.choices)
      words += (words.empty() ? "" : ", ") + std::string{choice};
    text += " One of: " + words + ".";
  }
  if (auto bounds = bounds_text(one); !bounds.empty())
    text += " " + sentence(bounds);
  if (!one.default_note.empty())
    text += " Default: " + one.default_note + ".";
  return text;
}

} // namespace

std::string bounds_text(const setting& what) {
  auto shown = [&what](std::uint64_t value) {
    switch (what.kind) {
      case setting_kind::size: return bytes_text(value);
      case setting_kind::duration: return span_text(value);
      default: return std::to_string(value);
    }
  };
  auto has_range = what.kind == setting_kind::whole
                   || what.kind == setting_kind::size
                   || what.kind == setting_kind::duration;
  // Bounds that nobody would hit on are not worth a word.
  constexpr auto any_size = std::uint64_t{1} << 60;
  constexpr auto any_number = std::numeric_limits<std::uint32_t>::max();
  auto any = what.kind == setting_kind::whole ? any_number : any_size;
  if (!has_range || what.bounds.most >= any)
    return {};
  return shown(what.bounds.least) + " to " + shown(what.bounds.most);
}

std::string settings_toml(const loaded_settings& loaded) {
  std::string text;
  for (const auto& section : settings_sections()) {
    text += (text.empty() ? "[" : "\n[") + std::string{section.name} + "]\n";
    for (const auto& one : settings_schema()) {
      if (one.section != section.name)
        continue;
      auto value = one.show(loaded.settings);
      text += is_blank(value) ? "# " + one.key + " is not set"
                              : one.key + " = " + toml_text(value);
      auto origin = loaded.origins.find(one.name());
      if (origin != loaded.origins.end())
        text += "  # " + comment_safe(origin->second);
      text += "\n";
    }
  }
  return text;
}

json settings_json(const loaded_settings& loaded) {
  json document;
  auto& settings = document["settings"] = json::object();
  for (const auto& one : settings_schema()) {
    auto& entry = settings[one.section][one.key];
    entry["value"] = json_of_value(one.show(loaded.settings));
    if (auto origin = loaded.origins.find(one.name());
        origin != loaded.origins.end())
      entry["origin"] = json_of(origin->second);
  }
  auto& warnings = document["warnings"] = json::array();
  for (const auto& one : loaded.warnings)
    warnings.push_back(json_of(one));
  return document;
}

std::string example_settings_file() {
  std::string text =
    comment("Settings of a node daemon. A key that is commented out has the"
            " default shown. Each is a flag of 'artel node start' and a"
            " variable as well: --log-level, ARTEL_LOG_LEVEL. A flag wins over"
            " a variable, and that over this file. Relative paths are relative"
            " to this file's directory.")
    + comment("'reload': SIGHUP takes a new value while the node runs; all"
              " else needs a restart.");
  const node_settings defaults;
  for (const auto& section : settings_sections()) {
    text += "\n" + comment(sentence(std::string{section.help})) + "["
            + std::string{section.name} + "]\n";
    for (const auto& one : settings_schema()) {
      if (one.section != section.name)
        continue;
      auto value = one.show(defaults);
      // What has no default shows how it is written.
      if (is_blank(value) && one.kind == setting_kind::whole)
        value = std::uint64_t{3};
      text += "\n" + comment(explanation(one)) + "#" + one.key + " = "
              + toml_text(value)
              + (one.change == setting_change::reload ? "  # reload\n" : "\n");
    }
  }
  return text;
}

} // namespace artel::runtime
