// artel bundle hash
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info bundle_hash_command();

} // namespace artel::tools
