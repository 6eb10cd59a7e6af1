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
#include <map>
#include <string_view>

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

class task_machine {
public:
  /// jobs: map and reduce jobs together. failed_jobs_max as in task_spec.
  task_machine(std::uint64_t jobs, std::uint64_t failed_jobs_max);

  task_state state() const noexcept { return state_; }
  const job_counts& jobs() const noexcept { return jobs_; }

  /// Why it failed: the code most failed jobs gave; ties go to the first seen.
  errc failure() const noexcept;

  result<void> on_scheduled();
  /// Started jobs may be started while the task is scheduled or running.
  result<void> on_job_started();
  /// After each of these the state may be final: completed when all are, failed
  /// when too many failed or when the last job ended with one failed.
  result<void> on_job_completed();
  result<void> on_job_failed(errc code);
  result<void> on_job_cancelled();
  /// A job fails that can never start, because one it needs failed.
  result<void> on_failed(errc code);
  result<void> on_cancelled();
  result<void> on_expired();

  void check_invariants() const;

private:
  void settle();

  task_state state_ = task_state::pending;
  job_counts jobs_;
  std::uint64_t failed_jobs_max_;
  std::map<errc, std::uint64_t> failures_;
  errc first_failure_{};
};

} // namespace artel
