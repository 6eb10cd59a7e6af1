// Whether a plan gives the same run again in one process. Order by address and
// unordered iteration show here: the heap is laid out differently the second
// time.
#pragma once

#include "runtime/sim/swarm/plan_run.hpp"
#include "runtime/sim/swarm/world_plan.hpp"

#include <optional>
#include <string>

namespace artel::sim {

struct determinism_outcome {
  /// Of the first run.
  plan_outcome first;
  /// Set where the second run was another: the first record that differs, or
  /// what is known of it.
  std::optional<std::string> divergence;
};

determinism_outcome check_determinism(const world_plan& plan,
                                      const run_options& options = {});

/// A record in a line, without names: "node 3 worker: job_assign". Equal runs
/// give equal lines.
std::string describe(microseconds when, const trace_record& record);

} // namespace artel::sim
