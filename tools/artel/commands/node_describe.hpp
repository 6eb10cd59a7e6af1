// artel node describe
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info node_describe_command();

} // namespace artel::tools
