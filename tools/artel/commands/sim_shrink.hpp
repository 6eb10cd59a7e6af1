// artel sim shrink: makes the world of a failure smaller.
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info sim_shrink_command();

} // namespace artel::tools
