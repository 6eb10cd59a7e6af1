// artel sim replay: runs one random world and tells what happens in it.
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info sim_replay_command();

} // namespace artel::tools
