// artel job stop
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_stop_command();

} // namespace artel::tools
