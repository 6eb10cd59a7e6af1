// Checks a simulated world after every step, from outside: what must hold
// across nodes whatever happens. Keeps books of its own and trusts no actor's.
#pragma once

#include "actors/events.hpp"
#include "actors/messages.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/units.hpp"
#include "runtime/sim/checks/credit_book.hpp"
#include "runtime/sim/checks/finding.hpp"
#include "runtime/sim/checks/job_book.hpp"
#include "runtime/sim/stage.hpp"

#include <caf/scheduled_actor.hpp>

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace artel::sim {

/// A rule that did not hold. The names of rules are stable: "credits
/// conserved", "hold resolved once", "unverified result paid", "verified result
/// unpaid", "unverified result returned", "job ended twice", "receipt does not
/// verify", "log error" (all in finding.hpp), and "liveness".
struct violation {
  microseconds when{0};
  std::uint64_t step = 0;
  std::string rule;
  std::string detail;
};

/// "at 2.340 s, step 5121: hold resolved once: task 3f.. was released again".
std::string to_string(const violation& what);

class monitor {
public:
  explicit monitor(stage& on) : stage_(on) {}

  /// The order of calls: before_step(), the actor runs, after_step().
  void before_step(caf::scheduled_actor& actor, node_index node);
  void after_step(caf::scheduled_actor& actor, node_index node);

  /// Every event that an observer hears.
  void on_event(node_index node, const event& what);

  /// A crashed node's tasks end without a verdict, and their holds stay.
  void on_crash(node_index node);

  /// What went wrong by a rule outside: "liveness".
  void report(std::string rule, std::string detail);

  /// Tasks whose holds have not resolved, those of crashed nodes left out.
  std::vector<task_id> open_holds() const { return credits_.open_holds(); }

  /// The first violations_max; later ones are only counted.
  const std::vector<violation>& violations() const { return violations_; }
  std::uint64_t violations_seen() const { return violations_seen_; }

  std::uint64_t jobs_completed() const { return jobs_completed_; }
  std::uint64_t jobs_failed() const { return jobs_failed_; }

  /// How often each kind of check was made: none of them is worth anything
  /// where this stands still.
  struct counters {
    std::uint64_t ledger_steps = 0;
    std::uint64_t attempts = 0;
    std::uint64_t settlements = 0;
    std::uint64_t jobs_ended = 0;
    std::uint64_t receipts = 0;
    std::uint64_t verdicts = 0;
    std::uint64_t machines = 0;
  };
  const counters& checked() const { return checked_; }

  static constexpr std::size_t violations_max = 20;

private:
  // What an actor is about to do.
  void before_ledger(caf::scheduled_actor& actor);
  void before_escrow(caf::scheduled_actor& actor);
  void before_job(caf::scheduled_actor& actor);
  void before_coordinator(caf::scheduled_actor& actor);
  // What it has done.
  void after_ledger(caf::scheduled_actor& actor);
  void after_escrow(caf::scheduled_actor& actor, node_index node);
  void after_coordinator(caf::scheduled_actor& actor);

  void on_finished(node_index node, const task_report& report);
  void note(verdict_of_book said);

  stage& stage_;
  credit_book credits_;
  job_book jobs_;
  /// Tasks that hold credits, by node, until they finish.
  std::map<node_index, std::set<task_id>> running_;
  /// Whose word a job's end is, by the coordinator's actor id.
  std::map<caf::actor_id, task_id> coordinators_;
  bool ledger_changes_ = false;
  bool escrow_holds_ = false;
  std::uint64_t coordinator_steps_ = 0;

  std::vector<violation> violations_;
  std::uint64_t violations_seen_ = 0;
  std::uint64_t jobs_completed_ = 0;
  std::uint64_t jobs_failed_ = 0;
  counters checked_;
};

} // namespace artel::sim
