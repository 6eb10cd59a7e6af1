// artel network set
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info network_set_command();

} // namespace artel::tools
