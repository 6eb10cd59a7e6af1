// What is left to do of a task, from its receipt file: the jobs without an
// accepted verdict in any of its runs, and the outputs of the others.
#pragma once

#include "protocol/task/aggregator.hpp"
#include "runtime/config/task_file.hpp"
#include "runtime/observe/receipt_file.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <vector>

namespace artel::runtime {

struct retry_plan {
  /// Of the last run; its source has `only` emptied.
  task_record record;
  task_description task;
  /// Ascending.
  std::vector<std::uint64_t> failed;
  std::uint64_t accepted = 0;
  bool has_partial_line = false;
};

/// Reads a receipt file. Errors: a line that does not check out (`artel receipt
/// verify` tells more), no task in the file, runs of different tasks.
result<retry_plan> plan_retry(const std::filesystem::path& path);

/// What the accepted jobs gave, put together by the task's reduce step, for a
/// retry to add to; null where the step is none. O(file).
result<std::unique_ptr<aggregator>>
gather_outputs(const std::filesystem::path& path, reduce_operation operation);

/// Whether the files that jobs to run again need are as they were.
result<void> check_inputs(const task_source& source,
                          const std::vector<std::uint64_t>& jobs);

} // namespace artel::runtime
