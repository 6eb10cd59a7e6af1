// Time as the rules see it: always an argument, never read from a clock.
#pragma once

#include <chrono>
#include <cstdint>

namespace artel {

/// Tag of the steady clock that a node's machines are driven by. It has no
/// now(): the caller passes the time in.
struct monotonic_clock {
  using duration = std::chrono::microseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<monotonic_clock>;
  static constexpr bool is_steady = true;
};

/// A moment on the node's own steady clock; means nothing to other nodes.
using instant = monotonic_clock::time_point;

/// A moment on the calendar, for envelopes and receipts: milliseconds since
/// 1970-01-01 00:00 UTC.
using wall_time = std::chrono::sys_time<std::chrono::milliseconds>;

using milliseconds = std::chrono::milliseconds;
using microseconds = std::chrono::microseconds;

} // namespace artel
