// The monitor's own count of every job's answers, kept from the receipts its
// job actor is handed. Says where somebody is paid, or a result returned, that
// no agreement of distinct owners bears, and where a job ends twice. What it
// keeps of a task goes when the task ends. Not thread-safe.
#pragma once

#include "actors/events.hpp"
#include "actors/messages.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/units.hpp"
#include "protocol/task/job_machine.hpp"
#include "protocol/task/task_spec.hpp"
#include "runtime/sim/checks/finding.hpp"

#include <cstdint>
#include <map>
#include <span>
#include <vector>

namespace artel::sim {

/// What an attempt said, as its receipt has it.
struct job_answer {
  std::uint32_t attempt = 0;
  owner_id owner;
  hash256 output;
};

/// The answers of a job counted: the largest group of equal outputs, one
/// answer an owner.
struct answer_count {
  /// Whether the group is the agreement that the policy asks for.
  bool agreed = false;
  hash256 output;
  /// The group's attempts and owners, in order of arrival.
  std::vector<std::uint32_t> attempts;
  std::vector<owner_id> owners;
  /// Distinct owners that answered.
  std::uint64_t voters = 0;
};

answer_count count_answers(const verification_policy& policy,
                           std::span<const job_answer> answers);

class job_book {
public:
  /// An attempt ended: what the job actor is about to hear.
  verdict_of_book on_attempt(const job_id& job,
                             const verification_policy& policy, credits price,
                             const replica_ended& ended);

  /// The escrow is about to pay for a job.
  verdict_of_book on_settle(const job_id& job,
                            std::span<const payment> payments);

  /// The coordinator is about to hear that the job ended.
  verdict_of_book on_job_ended(const job_id& job, job_state state);

  // -- what observers hear ----------------------------------------------------

  void on_planned(const plan_report& plan);
  /// Signatures are not looked at here.
  verdict_of_book on_receipt(const receipt& body);
  verdict_of_book on_verdict(const verdict_recorded& recorded);
  verdict_of_book on_task_finished(const task_report& report);

  /// Whether on_settle() saw this job before.
  bool is_settled(const job_id& job) const;

private:
  struct job_line {
    verification_policy policy;
    credits price;
    /// Those that ended in whatever way.
    std::vector<std::uint32_t> ended_attempts;
    std::vector<job_answer> answers;
    bool settled = false;
    bool ended = false;
    bool judged = false;
  };
  struct task_line {
    bool finished = false;
    /// Zero: no plan was heard of.
    std::uint64_t jobs = 0;
    std::uint32_t replicas = 0;
    std::uint64_t accepted = 0;
    std::map<std::uint64_t, job_line> lines;
  };

  const job_line* find(const job_id& job) const;
  static void forget_answers(job_line& line);

  std::map<task_id, task_line> tasks_;
};

} // namespace artel::sim
