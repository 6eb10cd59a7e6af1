// artel owner certify
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info owner_certify_command();

} // namespace artel::tools
