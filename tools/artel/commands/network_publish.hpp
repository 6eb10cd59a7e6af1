// artel network publish
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info network_publish_command();

} // namespace artel::tools
