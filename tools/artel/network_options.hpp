// What init and set say of a network: the flags, and how they are read.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/governance/network_config.hpp"
#include "tools/artel/command_table.hpp"

#include <string>
#include <vector>

namespace artel::tools {

/// --admission, --price-floor and --messages-per-second; with their defaults
/// for a network that has none yet.
std::vector<option_info> network_value_options(bool with_defaults);

/// What is given of them; the rest stays. invalid_argument, or out_of_range
/// with the range.
result<void> take_network_values(const arguments& given,
                                 network_config& config);

} // namespace artel::tools
