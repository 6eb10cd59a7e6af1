// artel key new
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info key_new_command();

} // namespace artel::tools
