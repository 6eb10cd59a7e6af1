#include "runtime/config/settings_loader.hpp"

#include "runtime/config/settings_check.hpp"
#include "runtime/config/settings_file.hpp"
#include "runtime/config/units_text.hpp"

#include <algorithm>
#include <iterator>
#include <limits>
#include <system_error>
#include <utility>

#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

/// Below an absolute directory that a variable names, or one in the home
/// directory; empty where neither is set. XDG Base Directory Specification.
fs::path below_base(const std::map<std::string, std::string>& environment,
                    const std::string& variable, const fs::path& in_home) {
  auto absolute = [&environment](const std::string& name) {
    auto found = environment.find(name);
    fs::path path = found == environment.end() ? "" : found->second;
    return path.is_absolute() ? path : fs::path{};
  };
  if (auto base = absolute(variable); !base.empty())
    return base / "artel";
  if (auto home = absolute("HOME"); !home.empty())
    return home / in_home / "artel";
  return {};
}

/// The line and column that a place ends with ("node.toml:12:1"); others come
/// after all lines.
std::pair<std::uint64_t, std::uint64_t> position_in(const std::string& place) {
  constexpr auto last = std::numeric_limits<std::uint64_t>::max();
  auto second = place.rfind(':');
  auto first = second == place.npos || second == 0
                 ? place.npos
                 : place.rfind(':', second - 1);
  if (first == place.npos)
    return {last, last};
  auto line = parse_whole_number(
    std::string_view{place}.substr(first + 1, second - first - 1));
  auto column = parse_whole_number(std::string_view{place}.substr(second + 1));
  return line && column ? std::pair{*line, *column} : std::pair{last, last};
}

/// Puts what was given in its place. A relative path becomes a full one.
void apply(const given_settings& given, node_settings& settings,
           std::map<std::string, std::string>& origins,
           std::vector<config_problem>& problems,
           std::set<std::string>& unsound) {
  for (const auto& one : given.all) {
    auto value = one.value;
    auto* text = std::get_if<std::string>(&value);
    if (one.what->kind == setting_kind::path && !text->empty()
        && !text->starts_with('~') && text->find('\0') == text->npos)
      *text = (one.directory / *text).lexically_normal().string();
    auto name = one.what->name();
    if (auto taken = one.what->read(value, settings); !taken) {
      problems.push_back(
        {one.place, taken.error().code, name + ": " + taken.error().message});
      unsound.insert(name);
      continue;
    }
    origins[name] = one.place;
  }
}

/// What depends on the environment, and on other settings.
void fill_defaults(const setting_sources& sources,
                   const std::map<std::string, std::string>& origins,
                   node_settings& settings) {
  auto& node = settings.node;
  if (node.key.empty())
    if (auto base =
          below_base(sources.environment, "XDG_CONFIG_HOME", ".config");
        !base.empty())
      node.key = base / "node.key";
  if (node.state.empty())
    node.state =
      below_base(sources.environment, "XDG_STATE_HOME", ".local/state");
  if (node.control.empty() && !node.state.empty())
    node.control = node.state / "control.sock";
  if (!origins.contains("work.enabled"))
    settings.work.enabled = node.role == wire::node_role::public_
                            || node.role == wire::node_role::specialised;
}

std::optional<loaded_settings> finish(given_settings given,
                                      const setting_sources& sources,
                                      named_files files,
                                      std::vector<config_problem>& problems) {
  read_settings_environment(sources.environment, sources.directory, given);
  read_settings_flags(sources.flags, sources.directory, given);
  loaded_settings loaded;
  auto& found = given.problems;
  apply(given, loaded.settings, loaded.origins, found, given.unsound);
  fill_defaults(sources, loaded.origins, loaded.settings);
  for (const auto& one : settings_schema())
    loaded.origins.emplace(one.name(), "default");
  loaded.warnings = std::move(given.warnings);
  settings_in_check in{loaded.settings, loaded.origins, given.unsound, found,
                       loaded.warnings};
  check_settings(in);
  if (files == named_files::checked)
    check_named_files(in);
  std::stable_sort(found.begin(), found.end(),
                   [](const auto& a, const auto& b) {
                     return position_in(a.where) < position_in(b.where);
                   });
  auto sound = found.empty();
  std::move(found.begin(), found.end(), std::back_inserter(problems));
  if (!sound)
    return std::nullopt;
  return loaded;
}

} // namespace

setting_sources sources_of_process() {
  setting_sources sources;
  for (auto** one = environ; one != nullptr && *one != nullptr; ++one) {
    std::string_view entry{*one};
    if (auto equals = entry.find('='); equals != entry.npos)
      sources.environment.emplace(entry.substr(0, equals),
                                  entry.substr(equals + 1));
  }
  std::error_code error;
  sources.directory = fs::current_path(error);
  return sources;
}

std::optional<loaded_settings>
load_node_settings(const setting_sources& sources, named_files files,
                   std::vector<config_problem>& problems) {
  given_settings given;
  if (sources.file && !read_settings_file(*sources.file, given)) {
    // What else is wrong would mostly follow from the file's absence.
    std::move(given.problems.begin(), given.problems.end(),
              std::back_inserter(problems));
    return std::nullopt;
  }
  return finish(std::move(given), sources, files, problems);
}

std::optional<loaded_settings>
load_node_settings_text(std::string_view text, const setting_sources& sources,
                        named_files files,
                        std::vector<config_problem>& problems) {
  given_settings given;
  auto name = sources.file.value_or("text").string();
  if (!read_settings_text(text, name, sources.directory, given)) {
    std::move(given.problems.begin(), given.problems.end(),
              std::back_inserter(problems));
    return std::nullopt;
  }
  return finish(std::move(given), sources, files, problems);
}

} // namespace artel::runtime
