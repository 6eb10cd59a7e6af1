// artel node list
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info node_list_command();

} // namespace artel::tools
