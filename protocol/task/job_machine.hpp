// A job's states, over all its replicas and retries. The machine says what is
// wanted (replicas, cancellations, an end); its caller carries that out.
//
//   pending --(owner: replica placed)--> assigned
//   assigned --(worker: job_ack)--> acked
//   acked --(worker: heartbeat)--> running
//   assigned|acked|running --(owner: verdict by agreement)--> completed
//   any of these --(owner: attempts used up, no agreement, nobody left)-->
//   failed any of these --(owner: task cancelled)--> cancelled any of these
//   --(owner: task's deadline)--> expired
//
// A second answer of one attempt, and whatever comes after the end, changes
// nothing. Every attempt has a number of its own, so that late ones are known.
#pragma once

#include "protocol/core/errc.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/random.hpp"
#include "protocol/core/time.hpp"
#include "protocol/task/retry_planner.hpp"
#include "protocol/task/task_spec.hpp"
#include "protocol/verification/majority.hpp"
#include "protocol/verification/receipt.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

enum class job_state : std::uint8_t {
  pending = 1,
  assigned,
  acked,
  running,
  completed,
  failed,
  cancelled,
  expired,
};

std::string_view to_string(job_state state) noexcept;
bool is_final(job_state state) noexcept;

struct job_policy {
  verification_policy verification;
  /// Failed or lost attempts a replica may have; replicas share the total.
  std::uint32_t attempts_max = 4;
  retry_policy retry;
};

/// What a job machine wants done.
struct job_outbox {
  struct wanted_replica {
    std::uint32_t attempt = 0;
    /// Not before this moment (backoff).
    instant not_before{};
    /// Owners that must not get it: they hold or answered this job.
    std::vector<owner_id> excluded;
    /// Owners that failed it: taken only where nobody else is.
    std::vector<owner_id> avoided;
  };

  std::vector<wanted_replica> wanted;
  /// Attempts whose answers are no longer needed.
  std::vector<std::uint32_t> cancelled;
  /// The machine reached a final state in this step.
  bool ended = false;
};

class job_machine {
public:
  explicit job_machine(const job_policy& policy) : policy_(policy) {}

  /// Asks for the first replicas.
  void on_start(instant now, job_outbox& outbox);

  void on_placed(std::uint32_t attempt, const owner_id& owner);
  void on_acked(std::uint32_t attempt);
  void on_running(std::uint32_t attempt);

  /// A completed run's output.
  void on_answer(instant now, std::uint32_t attempt, const hash256& output,
                 job_outbox& outbox);

  /// The run failed, was handed back, or was lost.
  void on_failed(instant now, std::uint32_t attempt, errc code,
                 std::string reason, random_generator& random,
                 job_outbox& outbox);

  /// No worker of another owner is left for a wanted attempt.
  void on_unplaceable(std::uint32_t attempt, job_outbox& outbox);

  /// The task was cancelled, or its deadline passed (expired).
  void on_cancelled(bool expired, job_outbox& outbox);

  job_state state() const noexcept { return state_; }
  std::uint32_t attempts() const noexcept {
    return static_cast<std::uint32_t>(attempts_.size());
  }
  /// Failed and lost attempts so far.
  std::uint32_t failures() const noexcept { return failures_; }

  /// Once completed or failed: who agreed, who did not.
  const majority_verdict& verdict() const noexcept { return verdict_; }
  /// Once failed: why.
  const failure& problem() const noexcept { return problem_; }

  void check_invariants() const;

private:
  enum class attempt_state : std::uint8_t {
    wanted = 1,
    active,
    answered,
    failed,
    cancelled,
  };
  struct attempt_record {
    attempt_state state = attempt_state::wanted;
    owner_id owner;
  };

  attempt_record* find(std::uint32_t number, attempt_state expected);
  void want(instant not_before, job_outbox& outbox);
  void decide(instant now, job_outbox& outbox);
  void finish(job_state state, job_outbox& outbox);
  void fail(errc code, std::string reason, job_outbox& outbox);
  void advance(job_state state);
  /// Attempts that may still bring an answer.
  std::uint32_t open_attempts() const;

  job_policy policy_;
  job_state state_ = job_state::pending;
  std::vector<attempt_record> attempts_;
  std::vector<replica_answer> answers_;
  std::uint32_t failures_ = 0;
  majority_verdict verdict_;
  failure problem_;
  failure last_failure_;
};

} // namespace artel
