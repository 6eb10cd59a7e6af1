// Plans the reduce jobs of a task whose reduce step is a program: outputs are
// joined in groups of consecutive indexes, level by level, until one is left.
// The tree depends on the number of map jobs alone, never on timing.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/index_set.hpp"
#include "protocol/task/job_input.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace artel {

class reduce_planner {
public:
  struct reduce_job {
    /// Job index within the task: map jobs come first, then level by level.
    std::uint64_t index = 0;
    /// The outputs of its group, one after the other, as data with the name
    /// "input". A text output (one without a zero byte) that isn't empty ends
    /// with a newline: where it is missing, it is added.
    job_input input;
  };

  /// map_jobs from 1 to limits::jobs_per_task_max, fan_in at least 2.
  reduce_planner(std::uint64_t map_jobs, std::uint32_t fan_in);

  /// How many reduce jobs there will be in all: known from the start, so that
  /// they are priced with the task. A single map output is reduced too (once).
  std::uint64_t job_count() const noexcept;

  /// A map or reduce job's verified output. Gives the reduce jobs that have
  /// become ready (at most one). limit_exceeded where a group's input passes
  /// limits::input_bytes_max. invalid_state on an unknown or repeated index,
  /// or that of a reduce job that isn't ready. An error changes nothing.
  result<std::optional<reduce_job>> on_output(std::uint64_t index,
                                              bytes output);

  /// The last reduce job's output, once it is there.
  const std::optional<bytes>& final_output() const noexcept {
    return final_output_;
  }

  /// What is held for groups that aren't full: outputs are freed once they are
  /// handed on.
  std::uint64_t waiting_bytes() const noexcept { return waiting_bytes_; }

  void check_invariants() const;

private:
  struct level {
    std::uint64_t first_index = 0;
    std::uint64_t count = 0;
    /// Positions whose output has come.
    index_set given;
  };
  /// Outputs that wait for their siblings, by position in their level.
  struct group {
    std::map<std::uint64_t, bytes> outputs;
    /// Newlines to be added included.
    std::uint64_t total_bytes = 0;
  };
  /// The level that a group's reduce job stands in, and its position there.
  using group_key = std::pair<std::size_t, std::uint64_t>;

  /// Says why an index cannot give an output now.
  result<void> check_index(std::uint64_t index) const;
  std::size_t level_of(std::uint64_t index) const;
  /// How many outputs a group takes: fan_in, or what is left for the last.
  std::uint64_t group_size(group_key key) const;
  reduce_job join(group_key key, group members);

  /// Map jobs first; the last level has one job.
  std::vector<level> levels_;
  std::uint32_t fan_in_;
  /// Holds no group that is full.
  std::map<group_key, group> waiting_;
  std::uint64_t waiting_bytes_ = 0;
  /// Indexes of reduce jobs handed out whose output hasn't come.
  std::set<std::uint64_t> open_;
  std::optional<bytes> final_output_;
};

} // namespace artel
