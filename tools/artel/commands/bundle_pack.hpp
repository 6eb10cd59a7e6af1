// artel bundle pack
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info bundle_pack_command();

} // namespace artel::tools
