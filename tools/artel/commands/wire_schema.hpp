// artel wire schema
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info wire_schema_command();

} // namespace artel::tools
