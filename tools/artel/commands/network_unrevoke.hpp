// artel network unrevoke
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info network_unrevoke_command();

} // namespace artel::tools
