// artel config example
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info config_example_command();

} // namespace artel::tools
