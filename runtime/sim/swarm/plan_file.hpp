// World plans as JSON: what shrinking leaves, to be run again exactly.
#pragma once

#include "protocol/core/result.hpp"
#include "runtime/sim/swarm/world_plan.hpp"

#include <string>
#include <string_view>

namespace artel::sim {

/// Several lines, for people too; ends with a newline.
std::string to_json(const world_plan& plan);

/// The inverse. Malformed says what was expected where; invalid_argument for a
/// plan that no world can be made of.
result<world_plan> parse_plan(std::string_view text);

} // namespace artel::sim
