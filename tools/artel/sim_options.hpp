// The options that say which random worlds are meant, shared by the commands
// about them.
#pragma once

#include "protocol/core/result.hpp"
#include "runtime/config/units_text.hpp"
#include "runtime/sim/swarm/world_plan.hpp"
#include "tools/artel/command_table.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace artel::tools {

/// --nodes, --faults, --crypto.
std::vector<option_info> world_options();
result<sim::plan_options> plan_options_of(const arguments& given);

/// --plan FILE, for what shrinking has left.
option_info plan_file_option();

/// The world of the seed (the only positional argument) or of --plan.
result<sim::world_plan> plan_of(const arguments& given);

/// "1..1000", or one seed; at most 10^9 of them.
result<runtime::number_range> parse_seeds(std::string_view text);

/// A number from `least` to `most`; `otherwise` where the option is not given.
/// Errors name the option.
result<std::uint64_t> number_of(const arguments& given, const std::string& name,
                                std::uint64_t least, std::uint64_t most,
                                std::uint64_t otherwise);

/// What makes the same worlds again: " --nodes 8 --faults heavy".
std::string world_flags(const sim::plan_options& options);

/// "12.3": one decimal, rounded down.
std::string tenths_text(std::uint64_t tenths);
/// "1,234,567".
std::string grouped(std::uint64_t number);

} // namespace artel::tools
