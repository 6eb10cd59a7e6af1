// The commands of a session with a simulated world, for the command table.
#pragma once

#include "tools/artel/command_table.hpp"

#include <vector>

namespace artel::tools {

/// In the order of help.
std::vector<command_info> session_commands();

// Its parts.
std::vector<command_info> world_commands();
std::vector<command_info> node_commands();
std::vector<command_info> net_commands();
std::vector<command_info> task_commands();
std::vector<command_info> time_commands();
std::vector<command_info> script_commands();

} // namespace artel::tools
