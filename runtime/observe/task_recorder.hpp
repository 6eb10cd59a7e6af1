// Follows the events of one task and writes what they leave behind: its receipt
// file, and each job's output. One thread at a time.
#pragma once

#include "actors/events.hpp"
#include "runtime/config/task_file.hpp"
#include "runtime/launch/task_network.hpp"
#include "runtime/observe/receipt_file.hpp"
#include "runtime/observe/results_directory.hpp"

#include <cstdint>
#include <limits>
#include <memory>
#include <optional>

namespace artel::runtime {

class task_recorder {
public:
  /// Both must outlive the object.
  task_recorder(const task_description& task, const submission& given,
                wall_time started)
    : task_(task),
      submission_(given),
      started_(started) {}

  void keep_receipts(std::unique_ptr<receipt_writer> receipts) {
    receipts_ = std::move(receipts);
  }
  /// What goes beyond bytes_max is dropped, and told as a problem.
  void keep_results(
    std::unique_ptr<results_directory> results,
    std::uint64_t bytes_max = std::numeric_limits<std::uint64_t>::max()) {
    results_ = std::move(results);
    results_bytes_left_ = bytes_max;
  }

  void handle(const event& one) {
    std::visit([this](const auto& item) { on(item); }, one);
  }

  /// The settlement; not of a task that was refused before anything was held.
  void finish(const task_report& report);

  /// Refused before anything was held: there is nothing to sum up or to settle.
  static bool is_refused(const task_report& report) noexcept {
    return report.state == task_state::failed && report.held.micro == 0;
  }

  /// What stood in the task's way when it was planned.
  const std::vector<failure>& plan_problems() const noexcept {
    return plan_problems_;
  }
  /// The first error of writing.
  const std::optional<failure>& problem() const noexcept { return problem_; }
  /// As the workers told it, of all replicas that came to an end.
  std::uint64_t fuel_used() const noexcept { return fuel_used_; }
  /// Output files that nothing kept, of jobs and of reduce jobs.
  std::uint64_t dropped_files() const noexcept { return dropped_files_; }
  std::uint64_t dropped_reduce_files() const noexcept {
    return dropped_reduce_files_;
  }

private:
  void on(const task_planned& item);
  void on(const worker_certified& item);
  void on(const receipt_recorded& item);
  void on(const verdict_recorded& item);
  void on(const task_progress& item);
  void on(const task_finished&) {}
  void on(const node_logged&) {}

  void keep_output(const verdict_recorded& item);
  void note(const std::optional<failure>& problem);
  std::size_t kept_output_bytes() const;

  const task_description& task_;
  const submission& submission_;
  wall_time started_;
  std::unique_ptr<receipt_writer> receipts_;
  std::unique_ptr<results_directory> results_;
  std::uint64_t results_bytes_left_ = 0;
  std::vector<failure> plan_problems_;
  std::optional<failure> problem_;
  std::uint64_t fuel_used_ = 0;
  std::uint64_t dropped_files_ = 0;
  std::uint64_t dropped_reduce_files_ = 0;
};

} // namespace artel::runtime
