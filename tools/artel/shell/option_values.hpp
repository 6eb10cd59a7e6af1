// Values of the session commands' options, as people write them.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/wire/messages.hpp"
#include "runtime/sim/network/network.hpp"

#include <cstdint>
#include <string_view>

namespace artel::tools {

/// "20ms", "1.5s", "100us": as runtime::parse_duration, and microseconds.
result<microseconds> parse_span(std::string_view text);

/// "1%", "0.5%", from 0 to 100 %.
result<ppm> parse_percentage(std::string_view text);

/// "10MB/s"; "none" and "0" are 0: no bound.
result<std::uint64_t> parse_bytes_per_second(std::string_view text);

/// "1.5x" of the reference machine, or a score: 1500.
result<std::uint32_t> parse_cpu_score(std::string_view text);

result<sim::latency_shape> parse_latency_shape(std::string_view text);

result<wire::node_role> parse_node_role(std::string_view text);

/// From `least` to `most`, both included.
result<std::uint64_t> parse_count(std::string_view text, std::uint64_t least,
                                  std::uint64_t most);

} // namespace artel::tools
