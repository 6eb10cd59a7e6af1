// Random worlds by the thousand: one a seed, over several processes, so that a
// failed assertion is the failure of its seed and the others go on.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "runtime/sim/swarm/plan_run.hpp"
#include "runtime/sim/swarm/world_plan.hpp"

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <vector>

namespace artel::sim {

/// Rules of a swarm's own, beside those of runs.
inline constexpr std::string_view rule_crashed = "process ended";
inline constexpr std::string_view rule_hangs = "hangs";
inline constexpr std::string_view rule_diverges = "not deterministic";

struct seed_failure {
  std::uint64_t seed = 0;
  std::string rule;
  std::string detail;
};

struct swarm_totals {
  /// Of `wanted`, so many were run.
  std::uint64_t wanted = 0;
  std::uint64_t seeds = 0;
  std::uint64_t steps = 0;
  microseconds simulated{0};
  /// Real time.
  milliseconds took{0};
  std::map<std::string, std::uint64_t> faults;
  std::map<std::string, std::uint64_t> frames;
  std::map<std::string, std::uint64_t> tasks;
  std::uint64_t jobs_completed = 0;
  std::uint64_t jobs_failed = 0;
  std::uint64_t results_checked = 0;
  std::uint64_t divergences = 0;
  /// Seeds that failed, divergences included.
  std::uint64_t failed = 0;
  /// Those of the lowest seeds, by seed.
  std::vector<seed_failure> failures;
  bool interrupted = false;
  /// The hash of each run's trace, by seed; only where they are kept.
  std::map<std::uint64_t, std::uint64_t> traces;

  static constexpr std::size_t failures_listed = 10;
};

struct swarm_options {
  std::uint64_t first = 1;
  std::uint64_t last = 1'000;
  plan_options plan;
  std::uint32_t processes = 1;
  bool check_determinism = false;
  bool keep_traces = false;
  /// Real time that a seed may take.
  milliseconds guard{60'000};
  /// Looked at ten times a second.
  std::function<bool()> stopped;
  std::function<void(const swarm_totals&)> progress;
};

/// system_failure where no process can be started.
result<swarm_totals> run_swarm(const swarm_options& options);

} // namespace artel::sim
