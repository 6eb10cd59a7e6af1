// artel node ping
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info node_ping_command();

} // namespace artel::tools
