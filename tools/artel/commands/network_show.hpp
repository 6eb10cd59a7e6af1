// artel network show
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info network_show_command();

} // namespace artel::tools
