// artel receipt verify
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info receipt_verify_command();

} // namespace artel::tools
