// A kept task's outputs, piece by piece over a control connection, and together
// again on the other side. Memory is that of one job's output.
#pragma once

#include "actors/events.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "runtime/control/control_server.hpp"
#include "runtime/observe/receipt_record.hpp"

#include <cstddef>
#include <filesystem>
#include <functional>
#include <optional>

namespace artel::runtime {

inline constexpr std::size_t result_piece_bytes = 1u << 20;

/// Sends {"record": ...} first, then {"piece": ...} of each job that ended well
/// and of the aggregate. unreachable where nobody listens any more.
result<void> send_results(const std::filesystem::path& directory,
                          control_reply& reply);

class result_receiver {
public:
  /// The task first, then its jobs as they were accepted (index, input's name,
  /// output and files are filled in).
  std::function<result<void>(const task_record&)> on_task;
  std::function<result<void>(const verdict_recorded&)> on_job;

  /// One event of the answer; malformed where it is none.
  result<void> take(const json& event);

  /// What the aggregate is, if there was one.
  const std::optional<bytes>& aggregate() const noexcept { return aggregate_; }

private:
  result<void> take_piece(const json& piece);
  result<void> take_record(const json& record);
  void name_input();

  std::optional<task_record> record_;
  std::optional<chunk_plan> chunks_;
  verdict_recorded job_;
  std::size_t job_bytes_ = 0;
  std::optional<bytes> aggregate_;
};

} // namespace artel::runtime
