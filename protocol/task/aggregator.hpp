// Puts the verified outputs of a task's jobs together. Constant memory for
// numbers; concatenate and merge_counts hold 256 MiB at most.
// Results do not depend on the order in which outputs arrive.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/task/task_spec.hpp"

#include <cstdint>
#include <memory>

namespace artel {

/// What operation concatenate puts together at most, waiting outputs included.
inline constexpr std::uint64_t concatenated_bytes_max = 256u << 20;

class aggregator {
public:
  virtual ~aggregator() = default;

  /// Takes the output of one job, each index once. invalid_argument where the
  /// output does not fit the operation ("'abc' is not a number"), overflow
  /// where a sum leaves 128 bits or a count 64, limit_exceeded past the memory
  /// allowed, already_exists on a second output of one index; the aggregate is
  /// then unchanged.
  virtual result<void> add(std::uint64_t index, bytes_view output) = 0;

  /// The aggregate of all that was added: numbers as text in their shortest
  /// form and without a newline ("3.5"), counts as lines, the rest as bytes.
  /// Of nothing: "0" for sum and count, empty for the others.
  virtual bytes finish() const = 0;
};

/// For every operation but `program`, which reduce_planner plans. The aggregate
/// of `none` is always empty: outputs are handed on one by one.
///
/// Numbers are decimal integers or fractions (up to 9 decimals), added exactly;
/// white space around them is ignored. See counts_table for merge_counts.
std::unique_ptr<aggregator> make_aggregator(reduce_operation operation);

} // namespace artel
