// artel job results
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_results_command();

} // namespace artel::tools
