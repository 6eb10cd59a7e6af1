// artel network add-seed
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info network_add_seed_command();

} // namespace artel::tools
