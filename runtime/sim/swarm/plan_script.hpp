// A world plan in the language of the shell, for people to read and to change.
#pragma once

#include "runtime/sim/swarm/world_plan.hpp"

#include <string>

namespace artel::sim {

/// Commands, one a line, in the order of their times.
std::string to_script(const world_plan& plan);

} // namespace artel::sim
