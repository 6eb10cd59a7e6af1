// artel job describe
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info job_describe_command();

} // namespace artel::tools
