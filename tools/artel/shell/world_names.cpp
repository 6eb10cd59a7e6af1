#include "tools/artel/shell/world_names.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/name_suggestion.hpp"
#include "runtime/sim/world.hpp"

#include <algorithm>
#include <set>

namespace artel::tools {

namespace {

std::string unknown(std::string_view what, std::string_view name,
                    const std::vector<std::string_view>& names) {
  auto text = "there is no " + std::string{what} + " " + artel::quoted(name)
              + runtime::did_you_mean(name, names);
  if (names.empty())
    return text + "; there are none yet";
  return text + "; expected " + list_text(names);
}

} // namespace

std::vector<std::string_view> node_names(const sim::world& world) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < world.node_count(); ++i)
    names.push_back(world.node(static_cast<sim::node_index>(i)).options.name);
  return names;
}

std::vector<std::string_view> task_names(const sim::world& world) {
  std::vector<std::string_view> names;
  for (std::size_t i = 0; i < world.task_count(); ++i)
    names.push_back(world.task(i).name);
  return names;
}

std::string list_text(std::span<const std::string_view> names,
                      std::string_view last) {
  constexpr std::size_t names_max = 24;
  std::string text;
  auto shown = std::min(names.size(), names_max);
  for (std::size_t i = 0; i < shown; ++i) {
    if (i > 0)
      text += i + 1 == names.size() ? " " + std::string{last} + " " : ", ";
    text += names[i];
  }
  if (names.size() > shown)
    text += " and " + std::to_string(names.size() - shown) + " more";
  return text;
}

std::string unknown_node(const sim::world& world, std::string_view name) {
  return unknown("node", name, node_names(world));
}

std::string unknown_task(const sim::world& world, std::string_view name) {
  return unknown("task", name, task_names(world));
}

bool matches(std::string_view pattern, std::string_view name) {
  auto star = pattern.find('*');
  if (star == std::string_view::npos)
    return pattern == name;
  if (!name.starts_with(pattern.substr(0, star)))
    return false;
  auto rest = pattern.substr(star + 1);
  for (auto at = star; at <= name.size(); ++at)
    if (matches(rest, name.substr(at)))
      return true;
  return false;
}

std::variant<std::vector<sim::node_index>, std::string>
select_nodes(const sim::world& world, std::string_view list,
             std::string& about) {
  std::set<sim::node_index> chosen;
  for (std::size_t start = 0; start <= list.size();) {
    auto end = std::min(list.find(',', start), list.size());
    auto part = list.substr(start, end - start);
    start = end + 1;
    about = part.empty() ? list : part;
    if (part.empty())
      return "expected names with single commas between them";
    if (part.find('*') == std::string_view::npos) {
      auto found = world.find_node(part);
      if (!found)
        return unknown_node(world, part);
      chosen.insert(*found);
      continue;
    }
    bool any = false;
    for (std::size_t i = 0; i < world.node_count(); ++i) {
      auto index = static_cast<sim::node_index>(i);
      if (matches(part, world.node(index).options.name)) {
        chosen.insert(index);
        any = true;
      }
    }
    if (!any)
      return "no node is called " + artel::quoted(part);
  }
  return std::vector<sim::node_index>{chosen.begin(), chosen.end()};
}

} // namespace artel::tools
