// artel job explain
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_explain_command();

} // namespace artel::tools
