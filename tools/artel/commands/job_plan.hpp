// artel job plan
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_plan_command();

} // namespace artel::tools
