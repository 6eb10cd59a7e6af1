// The options that say how a path between nodes is.
#pragma once

#include "runtime/sim/network/network.hpp"
#include "tools/artel/command_table.hpp"
#include "tools/artel/shell/option_reader.hpp"

#include <vector>

namespace artel::tools {

/// --latency, --shape, --loss, --duplication, --reordering, --capacity.
std::vector<option_info> link_options();

/// Changes what they say.
void read_link_options(option_reader& read, sim::link_profile& target);

/// Whether any of them is given.
bool has_link_options(const arguments& given);

} // namespace artel::tools
