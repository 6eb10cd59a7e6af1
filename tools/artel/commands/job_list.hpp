// artel job list
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_list_command();

} // namespace artel::tools
