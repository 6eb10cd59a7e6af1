// artel wire vectors
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info wire_vectors_command();

} // namespace artel::tools
