// artel job submit
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_submit_command();

} // namespace artel::tools
