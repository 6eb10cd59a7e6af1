// artel completion bash
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info completion_bash_command();

} // namespace artel::tools
