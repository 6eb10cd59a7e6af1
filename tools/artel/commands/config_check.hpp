// artel config check
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info config_check_command();

} // namespace artel::tools
