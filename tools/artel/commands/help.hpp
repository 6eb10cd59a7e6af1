// artel help
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info help_command();

} // namespace artel::tools
