// A task's states, and who may make each transition.
//
//   pending --(coordinator: credits held, workers found)--> scheduled
//   scheduled --(coordinator: first job assigned)--> running
//   running --(coordinator: all jobs done)--> completed
//   pending|scheduled|running --(coordinator: too many failed jobs)--> failed
//   pending|scheduled|running --(owner)--> cancelled
//   pending|scheduled|running --(coordinator: deadline)--> expired
#pragma once

#include "protocol/core/errc.hpp"
#include "protocol/core/result.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

enum class task_state : std::uint8_t {
  pending = 1,
  scheduled,
  running,
  completed,
  failed,
  cancelled,
  expired,
};

std::string_view to_string(task_state state) noexcept;
bool is_final(task_state state) noexcept;

/// How many jobs stand where.
struct job_counts {
  std::uint64_t total = 0;
  std::uint64_t started = 0;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  std::uint64_t cancelled = 0;
};

/// Follows a task from its submission to its end. A refused step gives
/// invalid_state with a sentence, and changes nothing; that includes every step
/// after a final state.
class task_machine {
public:
  /// jobs: map and reduce jobs together, at least one. failed_jobs_max as in
  /// task_spec.
  task_machine(std::uint64_t jobs, std::uint64_t failed_jobs_max);

  task_state state() const noexcept { return state_; }
  const job_counts& jobs() const noexcept { return jobs_; }

  /// Why it failed: what on_failed() was told, else the code most failed jobs
  /// gave; ties go to the first seen. errc{} where nothing failed.
  errc failure() const noexcept;

  result<void> on_scheduled();
  /// Started jobs may be started while the task is scheduled or running.
  result<void> on_job_started();
  /// After each of these the state may be final: completed when all are, failed
  /// when too many failed or when the last job ended with one failed, cancelled
  /// when the last job ended with none failed but some cancelled.
  result<void> on_job_completed();
  /// A job may fail or be cancelled that never started: one that needs the
  /// output of a job that failed.
  result<void> on_job_failed(errc code);
  result<void> on_job_cancelled();
  /// The task as a whole can't go on: no workers, credits that don't cover it.
  result<void> on_failed(errc code);
  result<void> on_cancelled();
  result<void> on_expired();

  void check_invariants() const;

private:
  struct failed_jobs {
    errc code{};
    std::uint64_t jobs = 0;
  };

  std::uint64_t ended() const noexcept;
  result<void> end(task_state state);
  result<void> check_takes_jobs(std::string_view step) const;
  result<void> refuse(const std::string& why) const;
  void settle();

  task_state state_ = task_state::pending;
  job_counts jobs_;
  std::uint64_t failed_jobs_max_;
  /// By code, in the order first seen.
  std::vector<failed_jobs> failures_;
  std::optional<errc> reason_;
};

} // namespace artel
