// artel network admit
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info network_admit_command();

} // namespace artel::tools
