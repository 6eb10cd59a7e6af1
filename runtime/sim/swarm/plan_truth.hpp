// What a planned task must give, computed here and not by the kernels, and
// whether the liars of its world could make it give something else.
#pragma once

#include "runtime/sim/swarm/world_plan.hpp"

#include <optional>
#include <string>

namespace artel::sim {

/// The result of the whole task, computed number by number. Nothing where that
/// would take too long, and for what no random plan asks for.
std::optional<std::string> true_result(const planned_task& task);

/// Whether no set of wrong answers can be as large as a verdict needs, whatever
/// the misbehaving nodes of the plan do.
bool is_truth_certain(const world_plan& plan, const planned_task& task);

} // namespace artel::sim
