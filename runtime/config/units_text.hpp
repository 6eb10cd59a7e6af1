// Numbers, sizes, times and ranges as people write them in task files and on
// command lines, and back. Pure; exact: nothing is rounded.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace artel::runtime {

/// "1500", "1_000_000", "10^9", "1e9". malformed, or out_of_range past 64 bits.
result<std::uint64_t> parse_whole_number(std::string_view text);

/// "256MiB", "64 KB", "1500": B, KB, MB, GB, TB by thousands, KiB, MiB, GiB,
/// TiB by 1024; case does not matter.
result<std::uint64_t> parse_bytes(std::string_view text);

/// "10s", "500ms", "2m", "1h30m", "0.5s": units ms, s, m or min, h, d, the
/// largest first; whole milliseconds, at most 10,000 days.
result<milliseconds> parse_duration(std::string_view text);

/// The shortest text that reads as the same again: "256MiB", "1500"; "10s",
/// "1500ms".
std::string bytes_text(std::uint64_t count);
std::string time_text(milliseconds duration);

/// "1..1000" (both included), each number as parse_whole_number takes it. Which
/// is larger, and how large, is for validation to judge.
struct number_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;

  bool operator==(const number_range&) const = default;
};
result<number_range> parse_range(std::string_view text);

} // namespace artel::runtime
