// Plans the reduce jobs of a task whose reduce step is a program: outputs are
// joined in groups of consecutive indexes, level by level, until one is left.
// The tree depends on the number of map jobs alone, never on timing.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/task/job_input.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

namespace artel {

class reduce_planner {
public:
  struct reduce_job {
    /// Job index within the task: map jobs come first, then level by level.
    std::uint64_t index = 0;
    /// The outputs of its group, one after the other (a missing newline at the
    /// end of a text output is added), as data with the name "input".
    job_input input;
  };

  reduce_planner(std::uint64_t map_jobs, std::uint32_t fan_in);

  /// How many reduce jobs there will be in all: known from the start, so that
  /// they are priced with the task. A single map output is reduced too (once).
  std::uint64_t job_count() const noexcept;

  /// A map or reduce job's verified output. Gives the reduce jobs that have
  /// become ready (at most one). limit_exceeded where a group's input passes
  /// limits::input_bytes_max. invalid_state on an unknown or repeated index.
  result<std::optional<reduce_job>> on_output(std::uint64_t index,
                                              bytes output);

  /// The last reduce job's output, once it is there.
  const std::optional<bytes>& final_output() const noexcept;

  void check_invariants() const;

private:
  struct level {
    std::uint64_t first_index = 0;
    std::uint64_t count = 0;
  };
  struct group {
    std::map<std::uint64_t, bytes> outputs;
  };

  std::vector<level> levels_;
  std::uint32_t fan_in_;
  /// By (level, group) of what waits for its siblings.
  std::map<std::pair<std::size_t, std::uint64_t>, group> waiting_;
  std::map<std::pair<std::size_t, std::uint64_t>, bool> taken_;
  std::optional<bytes> final_output_;
};

} // namespace artel
