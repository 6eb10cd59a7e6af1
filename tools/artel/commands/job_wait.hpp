// artel job wait
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_wait_command();

} // namespace artel::tools
