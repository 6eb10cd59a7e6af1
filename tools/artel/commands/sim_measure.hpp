// artel sim measure: how fast the network recovers, in simulated worlds.
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info sim_measure_command();

} // namespace artel::tools
