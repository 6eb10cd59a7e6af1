// artel owner show
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info owner_show_command();

} // namespace artel::tools
