// artel owner new
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info owner_new_command();

} // namespace artel::tools
