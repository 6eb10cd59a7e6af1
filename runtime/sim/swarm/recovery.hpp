// How fast the jobs of a worker that died run elsewhere, and how often a worker
// that lives is taken for dead: in simulated worlds, at a given latency and
// loss.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "runtime/sim/network/network.hpp"

#include <cstdint>
#include <stop_token>
#include <vector>

namespace artel::sim {

/// Paths between a client and its workers; latency is uniform, from half the
/// mean to one and a half of it.
struct recovery_point {
  microseconds latency{20'000};
  ppm loss{50'000};
};

/// What is wanted at the standard point.
inline constexpr microseconds recovery_p99_max{1'100'000};

struct recovery_times {
  /// Virtual time from the end of a worker until each of its jobs ran
  /// elsewhere.
  std::vector<microseconds> times;
  /// Jobs that did not within recovery_patience.
  std::uint64_t unrecovered = 0;
  /// Worlds in which not all jobs were running in time: nothing was measured.
  std::uint64_t unstarted = 0;

  void add(const recovery_times& other);
};

inline constexpr microseconds recovery_patience{60'000'000};

/// One small world: a worker in the middle of its jobs dies.
recovery_times measure_recovery(std::uint64_t seed, const recovery_point& point,
                                crash_kind kind, std::stop_token stop = {});

struct false_alarms {
  /// Replicas that were given up though their workers lived and worked.
  std::uint64_t alarms = 0;
  /// Link times virtual time.
  microseconds link_time{0};

  void add(const false_alarms& other);
};

/// Workers at long jobs, and nothing else: for so long of virtual time, each
/// with one link to the client.
false_alarms measure_false_alarms(std::uint64_t seed,
                                  const recovery_point& point,
                                  std::uint32_t links, microseconds span,
                                  std::stop_token stop = {});

/// The smallest time that so much of all (per mille) do not exceed; `times` are
/// sorted and not empty.
microseconds percentile(const std::vector<microseconds>& times,
                        std::uint32_t permille);

} // namespace artel::sim
