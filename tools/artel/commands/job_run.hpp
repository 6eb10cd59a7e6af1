// artel job run
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_run_command();

} // namespace artel::tools
