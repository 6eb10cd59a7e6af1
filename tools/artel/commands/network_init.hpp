// artel network init
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info network_init_command();

} // namespace artel::tools
