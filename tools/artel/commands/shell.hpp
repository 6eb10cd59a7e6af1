// artel shell
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info shell_command();

} // namespace artel::tools
