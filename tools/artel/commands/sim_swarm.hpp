// artel sim swarm: runs random worlds by the thousand.
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info sim_swarm_command();

} // namespace artel::tools
