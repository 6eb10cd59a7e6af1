// artel version
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info version_command();

} // namespace artel::tools
