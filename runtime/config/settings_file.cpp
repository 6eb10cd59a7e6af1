#include "runtime/config/settings_file.hpp"

#include "runtime/config/name_suggestion.hpp"
#include "runtime/config/section_reader.hpp"
#include "runtime/config/toml_text.hpp"

#include <algorithm>
#include <fstream>
#include <system_error>
#include <utility>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

result<setting_value> wrong_type(const toml::node& node,
                                 std::string_view expected) {
  return {errc::invalid_argument, std::string{type_text(node)} + " given"
                                    + "; expected " + std::string{expected}};
}

result<setting_value> whole_of(const toml::node& node) {
  auto value = *node.value<std::int64_t>();
  if (value < 0)
    return {errc::out_of_range,
            std::to_string(value) + " given; expected 0 or more"};
  return setting_value{static_cast<std::uint64_t>(value)};
}

result<setting_value> list_of(const toml::node& node) {
  const auto* array = node.as_array();
  if (array == nullptr)
    return wrong_type(node, "an array of strings, such as [\"a\", \"b\"]");
  std::vector<std::string> items;
  for (const auto& one : *array) {
    if (!one.is_string())
      return wrong_type(one, "only strings in the array");
    items.push_back(*one.value<std::string>());
  }
  return setting_value{std::move(items)};
}

result<setting_value> value_of(const toml::node& node, const setting& what) {
  switch (what.kind) {
    case setting_kind::boolean:
      if (!node.is_boolean())
        return wrong_type(node, "true or false, without quotes");
      return setting_value{*node.value<bool>()};
    case setting_kind::whole:
      if (!node.is_integer())
        return wrong_type(node, "a whole number");
      return whole_of(node);
    case setting_kind::size:
      if (node.is_integer())
        return whole_of(node);
      if (!node.is_string())
        return wrong_type(node, "a size, such as \"256MiB\"");
      break;
    case setting_kind::duration:
      if (!node.is_string())
        return wrong_type(node, "a time with its unit, such as \"10s\"");
      break;
    case setting_kind::list: return list_of(node);
    case setting_kind::text:
    case setting_kind::path:
    case setting_kind::choice:
      if (!node.is_string())
        return wrong_type(node, "a string");
      break;
  }
  return setting_value{*node.value<std::string>()};
}

std::vector<std::string_view> keys_of(std::string_view section) {
  std::vector<std::string_view> keys;
  for (const auto& one : settings_schema())
    if (one.section == section)
      keys.push_back(one.key);
  return keys;
}

/// The section that a key stands in, where it is one's alone; else empty.
std::string_view section_with(std::string_view key) {
  std::string_view found;
  for (const auto& one : settings_schema())
    if (one.key == key) {
      if (!found.empty())
        return {};
      found = one.section;
    }
  return found;
}

/// Reads one file, and keeps what is wrong in the order of its lines.
class file_reader {
public:
  file_reader(const std::string& file_name, const fs::path& directory,
              given_settings& target)
    : file_name_(file_name),
      directory_(directory),
      target_(target) {}

  void read(const toml::table& file);
  std::string place_of(const toml::source_region& source) const {
    return file_name_ + ":" + std::to_string(source.begin.line) + ":"
           + std::to_string(source.begin.column);
  }

private:
  void read_section(std::string_view name, const toml::table& section);
  void tell_unknown_section(const toml::key& key, const toml::node& node);
  void tell_unknown_key(std::string_view section, const toml::key& key);
  void add(const toml::source_region& source, errc code, std::string message);

  const std::string& file_name_;
  const fs::path& directory_;
  given_settings& target_;
  std::vector<std::pair<toml::source_position, config_problem>> problems_;
};

void file_reader::add(const toml::source_region& source, errc code,
                      std::string message) {
  problems_.emplace_back(
    source.begin, config_problem{place_of(source), code, std::move(message)});
}

void file_reader::tell_unknown_section(const toml::key& key,
                                       const toml::node& node) {
  auto name = key.str();
  auto message = (node.is_table() ? "unknown section '" : "unknown key '")
                 + std::string{name} + "'";
  std::vector<std::string_view> sections;
  for (const auto& one : settings_sections())
    sections.push_back(one.name);
  auto hint = did_you_mean(name, sections);
  if (auto owner = section_with(name); !node.is_table() && !owner.empty())
    hint = "; it belongs below [" + std::string{owner} + "]";
  if (hint.empty()) {
    hint = "; expected one of the sections";
    for (const auto& one : sections)
      hint += (&one == sections.data() ? " " : ", ") + std::string{one};
  }
  add(key.source(), errc::invalid_argument, message + hint);
}

void file_reader::tell_unknown_key(std::string_view section,
                                   const toml::key& key) {
  auto name = key.str();
  auto known = keys_of(section);
  auto message =
    "unknown key '" + std::string{section} + "." + std::string{name} + "'";
  if (auto meant = nearest_name(name, known); !meant.empty()) {
    message += "; did you mean '" + std::string{meant} + "'?";
    target_.unsound.insert(std::string{section} + "." + std::string{meant});
  } else if (auto owner = section_with(name); !owner.empty()) {
    message += "; it belongs below [" + std::string{owner} + "]";
    target_.unsound.insert(std::string{owner} + "." + std::string{name});
  } else {
    message += "; [" + std::string{section} + "] takes";
    for (const auto& one : known)
      message += (&one == known.data() ? " " : ", ") + std::string{one};
  }
  add(key.source(), errc::invalid_argument, std::move(message));
}

void file_reader::read_section(std::string_view name,
                               const toml::table& section) {
  for (const auto& [key, node] : section) {
    auto full = std::string{name} + "." + std::string{key.str()};
    const auto* what = find_setting(full);
    if (what == nullptr) {
      tell_unknown_key(name, key);
      continue;
    }
    auto value = value_of(node, *what);
    if (!value) {
      add(node.source(), value.error().code,
          full + ": " + value.error().message);
      target_.unsound.insert(full);
      continue;
    }
    target_.all.push_back(
      {what, std::move(*value), place_of(node.source()), directory_});
  }
}

void file_reader::read(const toml::table& file) {
  const auto& sections = settings_sections();
  for (const auto& [key, node] : file) {
    auto name = key.str();
    auto known =
      std::any_of(sections.begin(), sections.end(),
                  [&name](const auto& one) { return one.name == name; });
    if (!known)
      tell_unknown_section(key, node);
    else if (const auto* table = node.as_table())
      read_section(name, *table);
    else
      add(node.source(), errc::invalid_argument,
          std::string{name} + ": " + std::string{type_text(node)}
            + " given; expected a section [" + std::string{name} + "]");
  }
  std::stable_sort(problems_.begin(), problems_.end(),
                   [](const auto& a, const auto& b) {
                     return std::pair{a.first.line, a.first.column}
                            < std::pair{b.first.line, b.first.column};
                   });
  for (auto& [position, problem] : problems_)
    target_.problems.push_back(std::move(problem));
}

/// Whether a variable names a section of ours, and which.
std::string_view section_of_variable(std::string_view variable) {
  constexpr std::string_view prefix = "ARTEL_";
  if (!variable.starts_with(prefix))
    return {};
  variable.remove_prefix(prefix.size());
  for (const auto& one : settings_sections()) {
    std::string upper{one.name};
    for (auto& c : upper)
      c = static_cast<char>(c - 'a' + 'A');
    if (variable.starts_with(upper + "_"))
      return one.name;
  }
  return {};
}

/// Accepted beside ARTEL_LISTEN_ADDRESSES: it is what many type first.
constexpr std::string_view listen_alias = "ARTEL_NODE_LISTEN";
constexpr std::string_view listen_variable = "ARTEL_LISTEN_ADDRESSES";

void add_text(const setting& what, std::string_view text, std::string place,
              const fs::path& directory, given_settings& target) {
  auto value = setting_from_text(what.kind, text);
  if (!value) {
    target.problems.push_back({std::move(place), value.error().code,
                               what.name() + ": " + value.error().message});
    target.unsound.insert(what.name());
    return;
  }
  target.all.push_back({&what, std::move(*value), std::move(place), directory});
}

void warn_unknown(const std::string& variable, given_settings& target) {
  std::vector<std::string> names;
  for (const auto& one : settings_schema())
    names.push_back(one.variable());
  std::vector<std::string_view> views{names.begin(), names.end()};
  target.warnings.push_back("environment " + variable
                            + ": no such setting; it is not used"
                            + did_you_mean(variable, views));
}

result<std::string> whole_file(const fs::path& path) {
  auto named = "file '" + path.string() + "'";
  std::error_code error;
  auto status = fs::status(path, error);
  if (!fs::exists(status))
    return {errc::not_found, named + " does not exist"};
  if (fs::is_directory(status))
    return {errc::invalid_argument,
            named + " is a directory; expected a file in it"};
  // A pipe or a device might never end.
  if (!fs::is_regular_file(status))
    return {errc::invalid_argument, named + " is not a regular file"};
  std::ifstream stream{path, std::ios::binary};
  if (!stream)
    return {errc::system_failure, named + " cannot be opened for reading"};
  std::string text(settings_file_bytes_max + 1, '\0');
  stream.read(text.data(), static_cast<std::streamsize>(text.size()));
  text.resize(static_cast<std::size_t>(stream.gcount()));
  if (stream.bad())
    return {errc::system_failure, named + " cannot be read"};
  if (text.size() > settings_file_bytes_max)
    return {errc::limit_exceeded, named + " is larger than 1 MiB"};
  return text;
}

} // namespace

bool read_settings_text(std::string_view text, const std::string& file_name,
                        const fs::path& directory, given_settings& target) {
  file_reader reader{file_name, directory, target};
  try {
    reader.read(parse_toml(text));
  } catch (const toml::parse_error& error) {
    target.problems.push_back(
      {reader.place_of(error.source()), errc::malformed,
       "no valid TOML: " + std::string{error.description()}});
    return false;
  }
  return true;
}

bool read_settings_file(const fs::path& path, given_settings& target) {
  auto text = whole_file(path);
  if (!text) {
    target.problems.push_back({"", text.error().code, text.error().message});
    return false;
  }
  std::error_code error;
  auto full = fs::absolute(path, error);
  return read_settings_text(*text, path.string(), full.parent_path(), target);
}

void read_settings_environment(
  const std::map<std::string, std::string>& variables,
  const fs::path& directory, given_settings& target) {
  for (const auto& [name, text] : variables) {
    auto section = section_of_variable(name);
    if (section.empty() || text.empty())
      continue;
    const auto& all = settings_schema();
    auto meant = name == listen_alias ? listen_variable : name;
    auto what = std::find_if(all.begin(), all.end(), [&](const auto& one) {
      return one.variable() == meant;
    });
    if (what == all.end())
      warn_unknown(name, target);
    else if (name == listen_alias && variables.contains(std::string{meant}))
      target.warnings.push_back("environment " + name + ": not used, since "
                                + std::string{meant} + " is set too");
    else
      add_text(*what, text, "environment " + name, directory, target);
  }
}

void read_settings_flags(
  const std::map<std::string, std::vector<std::string>>& flags,
  const fs::path& directory, given_settings& target) {
  for (const auto& one : settings_schema()) {
    auto found = flags.find(one.flag());
    if (found == flags.end() || found->second.empty())
      continue;
    auto text = found->second.front();
    for (std::size_t i = 1; i < found->second.size(); ++i)
      text = one.kind == setting_kind::list ? text + "," + found->second[i]
                                            : found->second[i];
    add_text(one, text, "--" + one.flag(), directory, target);
  }
}

} // namespace artel::runtime
