// artel key passphrase
#pragma once

#include "tools/artel/command_table.hpp"

namespace artel::tools {

command_info key_passphrase_command();

} // namespace artel::tools
