// Makes the world of a failure smaller for as long as it fails in the same way:
// leaves out faults, tasks, nodes and misbehaviour, halves first, then one by
// one ("delta debugging": Zeller, Hildebrandt, "Simplifying and Isolating
// Failure-Inducing Input", 2002), and makes plain what is left.
#pragma once

#include "runtime/sim/swarm/world_plan.hpp"

#include <cstdint>
#include <functional>
#include <string>

namespace artel::sim {

struct shrink_outcome {
  world_plan plan;
  std::uint64_t tries = 0;
  /// All was tried, and nothing more can be left out; else the tries were used
  /// up, or it was stopped.
  bool is_smallest = false;
};

struct shrink_options {
  std::uint64_t tries_max = 500;
  /// Looked at before each try.
  std::function<bool()> stopped;
  /// After each try: the smallest world so far.
  std::function<void(const world_plan& best, std::uint64_t tries)> progress;
};

/// `still_fails` is true for the plan that is given.
shrink_outcome shrink(world_plan plan,
                      const std::function<bool(const world_plan&)>& still_fails,
                      const shrink_options& options = {});

/// Without a node, the tasks it owns, and the faults that need it.
world_plan without_node(const world_plan& plan, const std::string& name);

/// "5 nodes (2 misbehave), 1 task of 3 jobs, 2 faults".
std::string size_text(const world_plan& plan);

} // namespace artel::sim
