// A task's place in a queue (T8): 0.4 balance + 0.3 reward + 0.2 urgency
// + 0.1 requester's reputation, each normalised to 0..1.
// Integers, rounded down; what lies outside its range counts as its nearest
// end.
#pragma once

#include "protocol/core/units.hpp"
#include "protocol/task/task_spec.hpp"

namespace artel {

struct priority_inputs {
  /// The requester's balance; 10,000 credits count as 1.
  credits balance;
  /// The price of one job; one credit counts as 1.
  credits reward;
  /// low 0, normal 1/3, high 2/3, critical 1.
  urgency_level urgency = urgency_level::normal;
  ppm requester_reputation{500'000};
};

/// 0..1; higher goes first.
ppm queue_priority(const priority_inputs& inputs) noexcept;

} // namespace artel
