#include "runtime/sim/checks/monitor.hpp"

#include "actors/coordinator.hpp"
#include "actors/escrow.hpp"
#include "actors/job.hpp"
#include "actors/ledger.hpp"
#include "actors/replica.hpp"
#include "protocol/verification/receipt.hpp"

#include <type_traits>
#include <utility>
#include <variant>

namespace artel::sim {

namespace {

/// The ledger recomputes all its sums this often: that takes time by accounts.
constexpr std::uint64_t full_check_interval = 1'024;
/// So often a coordinator is looked at as a whole: that takes time by its
/// workers.
constexpr std::uint64_t coordinator_check_interval = 256;

/// An actor's state, by the interface and state that its name stands for.
template <class Interface, class State>
State& state_of(caf::scheduled_actor& actor) {
  using pointer = typename Interface::template stateful_pointer<State>;
  using type = std::remove_reference_t<decltype(*std::declval<pointer>())>;
  return static_cast<type&>(actor).state;
}

/// Its state is gone.
bool has_ended(const caf::scheduled_actor& actor) {
  return actor.getf(caf::abstract_actor::is_terminated_flag
                    | caf::abstract_actor::is_cleaned_up_flag);
}

/// The message that the actor takes next; null where there is none.
const caf::type_erased_tuple* next_message(caf::scheduled_actor& actor) {
  if (actor.mailbox().closed())
    return nullptr;
  auto* element = actor.mailbox().peek();
  return element == nullptr ? nullptr : &element->content();
}

template <class T>
const T* get_if(const caf::type_erased_tuple* message) {
  if (message == nullptr || !message->match_elements<T>())
    return nullptr;
  return &message->get_as<T>(0);
}

std::string seconds_text(microseconds when) {
  auto ms = when.count() / 1'000;
  auto fraction = std::to_string(ms % 1'000);
  return std::to_string(ms / 1'000) + "."
         + std::string(3 - fraction.size(), '0') + fraction + " s";
}

} // namespace

std::string to_string(const violation& what) {
  return "at " + seconds_text(what.when) + ", step " + std::to_string(what.step)
         + ": " + what.rule + ": " + what.detail;
}

// -- steps --------------------------------------------------------------------

// Names are compared as pointers: this is asked millions of times, mostly about
// actors that nothing is to be known of.

void monitor::before_step(caf::scheduled_actor& actor, node_index) {
  const auto* name = actor.name();
  if (name == job_actor_state::name)
    before_job(actor);
  else if (name == coordinator_actor_state::name)
    before_coordinator(actor);
  else if (name == escrow_actor_state::name)
    before_escrow(actor);
  else if (name == ledger_actor_state::name)
    before_ledger(actor);
}

void monitor::after_step(caf::scheduled_actor& actor, node_index node) {
  const auto* name = actor.name();
  if (name == replica_actor_state::name) {
    if (has_ended(actor))
      return;
    const auto& state = state_of<replica_actor, replica_actor_state>(actor);
    if (state.machine)
      state.machine->check_invariants();
    ++checked_.machines;
  } else if (name == job_actor_state::name) {
    if (has_ended(actor))
      return;
    const auto& state = state_of<job_actor, job_actor_state>(actor);
    if (state.machine)
      state.machine->check_invariants();
    ++checked_.machines;
  } else if (name == coordinator_actor_state::name) {
    after_coordinator(actor);
  } else if (name == escrow_actor_state::name) {
    after_escrow(actor, node);
  } else if (name == ledger_actor_state::name) {
    after_ledger(actor);
  }
}

void monitor::before_ledger(caf::scheduled_actor& actor) {
  const auto* next = next_message(actor);
  ledger_changes_ = true;
  if (const auto* open = get_if<open_account>(next))
    credits_.on_open(open->owner, open->grant);
  else if (const auto* hold = get_if<ledger_hold>(next))
    note(credits_.on_hold(hold->owner, hold->task, hold->amount));
  else if (const auto* pay = get_if<ledger_pay>(next))
    note(credits_.on_pay(pay->task, pay->payments));
  else if (const auto* release = get_if<ledger_release>(next))
    note(credits_.on_release(release->task));
  else
    ledger_changes_ = false;
}

void monitor::after_ledger(caf::scheduled_actor& actor) {
  if (!std::exchange(ledger_changes_, false) || has_ended(actor))
    return;
  const auto& state = state_of<ledger_actor, ledger_actor_state>(actor);
  note(credits_.compare(state.accounts));
  ++checked_.ledger_steps;
  if (checked_.ledger_steps % full_check_interval == 0)
    state.accounts.check_invariants();
}

void monitor::before_escrow(caf::scheduled_actor& actor) {
  const auto* next = next_message(actor);
  escrow_holds_ = get_if<hold_credits>(next) != nullptr;
  const auto* settle = get_if<settle_job>(next);
  if (settle == nullptr || has_ended(actor))
    return;
  const auto& state = state_of<escrow_actor, escrow_actor_state>(actor);
  job_id job{state.config.task, settle->job};
  // A second settlement is to be ignored: the ledger will show whether it was.
  if (jobs_.is_settled(job))
    return;
  ++checked_.settlements;
  note(jobs_.on_settle(job, settle->payments));
  credits_.on_settled(job.task, settle->payments);
}

void monitor::after_escrow(caf::scheduled_actor& actor, node_index node) {
  // Its task is not known before its first step.
  if (!std::exchange(escrow_holds_, false) || has_ended(actor))
    return;
  const auto& state = state_of<escrow_actor, escrow_actor_state>(actor);
  running_[node].insert(state.config.task);
}

void monitor::before_job(caf::scheduled_actor& actor) {
  const auto* ended = get_if<replica_ended>(next_message(actor));
  if (ended == nullptr || has_ended(actor))
    return;
  const auto& config = state_of<job_actor, job_actor_state>(actor).config;
  if (!config.terms)
    return;
  coordinators_.try_emplace(config.coordinator.id(), config.terms->task);
  ++checked_.attempts;
  note(jobs_.on_attempt({config.terms->task, config.index},
                        config.policy.verification, config.terms->price_per_job,
                        *ended));
}

void monitor::before_coordinator(caf::scheduled_actor& actor) {
  const auto* ended = get_if<job_ended>(next_message(actor));
  if (ended == nullptr)
    return;
  // One whose jobs had no answer yet is not known.
  auto task = coordinators_.find(actor.id());
  if (task == coordinators_.end())
    return;
  ++checked_.jobs_ended;
  note(jobs_.on_job_ended({task->second, ended->job}, ended->state));
}

void monitor::after_coordinator(caf::scheduled_actor& actor) {
  if (++coordinator_steps_ % coordinator_check_interval != 0
      || has_ended(actor))
    return;
  state_of<coordinator_actor, coordinator_actor_state>(actor)
    .check_invariants();
  ++checked_.machines;
}

// -- events -------------------------------------------------------------------

void monitor::on_event(node_index node, const event& what) {
  if (const auto* receipt = std::get_if<receipt_recorded>(&what)) {
    ++checked_.receipts;
    const auto& body = receipt->item.body;
    if (!verify(receipt->item))
      note(finding{rules::receipt_refuted,
                   "of " + receipt->worker_name + " for job "
                     + std::to_string(body.job) + " of task "
                     + short_name(body.task)});
    note(jobs_.on_receipt(body));
  } else if (const auto* verdict = std::get_if<verdict_recorded>(&what)) {
    ++checked_.verdicts;
    const auto& body = verdict->item.body;
    if (!verify(verdict->item))
      note(finding{rules::receipt_refuted,
                   "the verdict on job " + std::to_string(body.job)
                     + " of task " + short_name(body.task)});
    note(jobs_.on_verdict(*verdict));
    ++(body.accepted ? jobs_completed_ : jobs_failed_);
  } else if (const auto* planned = std::get_if<task_planned>(&what)) {
    jobs_.on_planned(planned->plan);
  } else if (const auto* finished = std::get_if<task_finished>(&what)) {
    on_finished(node, finished->report);
  } else if (const auto* line = std::get_if<node_logged>(&what)) {
    if (line->level == log_level::error)
      note(finding{rules::log_error, line->node_name + ": " + line->message});
  }
}

void monitor::on_finished(node_index node, const task_report& report) {
  note(jobs_.on_task_finished(report));
  running_[node].erase(report.task);
  // A request that timed out while its node was paused leaves the report
  // without figures; the books still hold for what is done.
  if (report.problem.code == errc::unreachable)
    return;
  auto name = "task " + short_name(report.task);
  if (credits_.is_open(report.task))
    note(
      finding{rules::hold_resolved_once, name + " ended with its hold open"});
  credits given{report.paid.micro + report.refunded.micro};
  if (given != report.held || report.paid != credits_.paid_by(report.task))
    note(finding{rules::credits_conserved,
                 name + " reports " + to_string(report.held) + " held, "
                   + to_string(report.paid) + " paid, "
                   + to_string(report.refunded) + " returned; really paid: "
                   + to_string(credits_.paid_by(report.task))});
}

void monitor::on_crash(node_index node) {
  auto found = running_.find(node);
  if (found == running_.end())
    return;
  for (const auto& task : found->second)
    credits_.on_orphaned(task);
  running_.erase(found);
}

// -- what is found ------------------------------------------------------------

void monitor::report(std::string rule, std::string detail) {
  ++violations_seen_;
  if (violations_.size() < violations_max)
    violations_.push_back(
      {stage_.elapsed(), stage_.steps(), std::move(rule), std::move(detail)});
}

void monitor::note(verdict_of_book said) {
  if (said)
    report(std::string{said->rule}, std::move(said->detail));
}

} // namespace artel::sim
