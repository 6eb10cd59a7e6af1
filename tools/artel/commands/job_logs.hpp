// artel job logs
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_logs_command();

} // namespace artel::tools
