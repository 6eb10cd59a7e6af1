// The options that say how much of this machine jobs may use, and what its
// workers refuse.
#pragma once

#include "protocol/core/result.hpp"
#include "sandbox/local_executor.hpp"
#include "tools/artel/command_table.hpp"

#include <vector>

namespace artel::tools {

/// --share-cores, --share-memory, --cap-memory, --cap-wall-time, --isolation.
std::vector<option_info> machine_options();

/// out_of_range and malformed name the flag.
result<sandbox::local_config> machine_config_of(const arguments& given);

} // namespace artel::tools
