// One run of a plan in a process of its own, so that a failed assertion is a
// finding like any other.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "runtime/sim/swarm/world_plan.hpp"

#include <functional>
#include <optional>
#include <string>

namespace artel::sim {

/// What went wrong. Of crashes, two with the same `rule` may still be two
/// different ones; `identity` tells them apart.
struct trial_failure {
  std::string rule;
  std::string detail;
  std::string identity;

  bool operator==(const trial_failure&) const = default;
};

struct trial_options {
  /// Run it twice; the rule is then rule_diverges.
  bool check_determinism = false;
  /// Real time it may take.
  milliseconds guard{60'000};
  /// Looked at ten times a second.
  std::function<bool()> stopped;
};

/// Nothing: all held. system_failure where no process can be started; cancelled
/// where it was stopped.
result<std::optional<trial_failure>> try_plan(const world_plan& plan,
                                              const trial_options& options);

} // namespace artel::sim
