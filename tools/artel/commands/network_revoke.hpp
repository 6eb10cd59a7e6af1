// artel network revoke
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info network_revoke_command();

} // namespace artel::tools
