// Puts the verified outputs of a task's jobs together. Constant memory for
// numbers and counts; concatenate holds what came before its turn.
// Results do not depend on the order in which outputs arrive.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/task/task_spec.hpp"

#include <cstdint>
#include <memory>

namespace artel {

class aggregator {
public:
  virtual ~aggregator() = default;

  /// Takes the output of one job, each index once. invalid_argument where the
  /// output does not fit the operation ("'abc' is not a number"), overflow
  /// where a sum leaves 128 bits, limit_exceeded past the memory allowed; the
  /// aggregate is then unchanged.
  virtual result<void> add(std::uint64_t index, bytes_view output) = 0;

  /// Checks an output as add() would, without taking it: a job whose output
  /// does not fit is failed before it is paid.
  virtual result<void> check(bytes_view output) const = 0;

  /// The aggregate of all that was added, as text or bytes; empty for none.
  virtual bytes finish() const = 0;
};

/// For every operation but `program`, which reduce_planner plans, and `none`
/// (whose aggregate is empty: outputs are handed on one by one).
///
/// Numbers are decimal integers or fractions (up to 9 decimals), added exactly.
std::unique_ptr<aggregator> make_aggregator(reduce_operation operation);

} // namespace artel
