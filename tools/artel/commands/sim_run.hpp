// artel sim run
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info sim_run_command();

} // namespace artel::tools
