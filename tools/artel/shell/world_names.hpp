// The names in a simulated world, and what to say about one that is not there.
#pragma once

#include "runtime/sim/stage.hpp"

#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace artel::sim {
class world;
} // namespace artel::sim

namespace artel::tools {

std::vector<std::string_view> node_names(const sim::world& world);
std::vector<std::string_view> task_names(const sim::world& world);

/// "a, b or c"; of many the first ones.
std::string list_text(std::span<const std::string_view> names,
                      std::string_view last = "or");

/// "there is no node 'worker-9'; did you mean 'worker-8'?; ..."
std::string unknown_node(const sim::world& world, std::string_view name);
std::string unknown_task(const sim::world& world, std::string_view name);

/// The nodes of a list: "worker-1,worker-2", "worker-*", "*". In order, each
/// once. A string: what is wrong, about the part of the list in `about`.
std::variant<std::vector<sim::node_index>, std::string>
select_nodes(const sim::world& world, std::string_view list,
             std::string& about);

/// '*' stands for any characters.
bool matches(std::string_view pattern, std::string_view name);

} // namespace artel::tools
