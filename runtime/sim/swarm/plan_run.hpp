// Runs a world plan: faults first, with all rules checked after every step;
// then without, until all has ended that can. The same plan gives the same
// outcome.
#pragma once

#include "protocol/core/time.hpp"
#include "runtime/sim/checks/monitor.hpp"
#include "runtime/sim/swarm/world_plan.hpp"
#include "runtime/sim/trace.hpp"
#include "runtime/sim/world.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace artel::sim {

struct run_options {
  /// Hears all that happens, after `on_world`.
  trace::listener listener;
  /// Called once, with the world just made: to look names up in it.
  std::function<void(const world&)> on_world;
  std::stop_token stop;
  /// In place of true_result(): what a task must give.
  std::function<std::optional<std::string>(const planned_task&)> truth;
  /// Far above what random worlds take.
  std::uint64_t step_limit = 100'000'000;
};

/// What a run came to. All in numbers and text, so that it can be sent.
struct plan_outcome {
  std::uint64_t hash = 0;
  std::uint64_t steps = 0;
  microseconds simulated{0};
  drive_end end = drive_end::reached;
  /// By their names; nodes that were there from the beginning are no faults.
  std::map<std::string, std::uint64_t> faults;
  std::map<std::string, std::uint64_t> frames;
  std::map<std::string, std::uint64_t> tasks;
  std::uint64_t jobs_completed = 0;
  std::uint64_t jobs_failed = 0;
  /// Completed tasks whose result was compared with the truth.
  std::uint64_t results_checked = 0;
  /// Rules broken; "wrong result" and "step limit" are of this file.
  std::vector<violation> violations;

  bool failed() const { return !violations.empty(); }
};

plan_outcome run_plan(const world_plan& plan, const run_options& options = {});

/// "hash 89ab..., 34.200 s simulated, 51234 steps; tasks: 2 completed": lines
/// for people, violations included; ends with a newline.
std::string to_text(const plan_outcome& outcome);

std::string_view to_string(frame_fate fate) noexcept;

} // namespace artel::sim
