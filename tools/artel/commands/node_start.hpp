// artel node start
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info node_start_command();

} // namespace artel::tools
