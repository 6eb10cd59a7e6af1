// artel job retry
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_retry_command();

} // namespace artel::tools
