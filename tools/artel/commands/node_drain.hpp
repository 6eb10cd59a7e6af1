// artel node drain
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info node_drain_command();

} // namespace artel::tools
