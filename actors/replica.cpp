#include "actors/replica.hpp"

#include "actors/defaults.hpp"
#include "protocol/verification/receipt_check.hpp"

namespace artel {

namespace {

using replica_pointer = replica_actor::stateful_pointer<replica_actor_state>;

wire::attempt_ref attempt_of(const replica_config& config) {
  return {config.terms->task, config.job, config.where.attempt};
}

void send_assignment(replica_pointer self) {
  const auto& config = self->state.config;
  self->send(config.where.port,
             assign_replica{config.terms, config.job, config.where.attempt,
                            config.input, config.input_hash, self});
}

void report(replica_pointer self, replica_ended ended) {
  const auto& config = self->state.config;
  ended.attempt = config.where.attempt;
  self->send(config.owner, std::move(ended));
  self->quit();
}

void report_lost(replica_pointer self, std::string why) {
  const auto& config = self->state.config;
  self->send(config.where.port, cancel_replica{attempt_of(config)});
  report(
    self,
    {0, std::nullopt, {errc::unreachable, std::move(why)}, outcome_kind::lost});
}

/// What a failed run means for the job.
failure failure_of(const wire::job_result_entry& entry) {
  auto outcome = entry.body.outcome;
  auto words = "the program ended with " + std::string{to_string(outcome)};
  switch (outcome) {
    case run_outcome::timeout:
    case run_outcome::cpu_limit: return {errc::timed_out, std::move(words)};
    case run_outcome::sandbox_unavailable:
      return {errc::sandbox_unavailable, entry.stderr_tail};
    case run_outcome::exec_failed:
      return {errc::execution_failed, entry.stderr_tail};
    case run_outcome::nonzero_exit:
      words = "the program ended with exit code "
              + std::to_string(entry.body.exit_code);
      return {errc::execution_failed, std::move(words)};
    case run_outcome::crashed:
      words = "the program was ended by signal "
              + std::to_string(entry.body.exit_code);
      return {errc::execution_failed, std::move(words)};
    case run_outcome::cancelled:
      return {errc::refused, "the worker stopped the run"};
    default: return {errc::execution_failed, std::move(words)};
  }
}

void on_result(replica_pointer self, const replica_result& message) {
  auto& state = self->state;
  const auto& config = state.config;
  const auto& entry = message.result.entry();
  auto fits =
    check_receipt(entry.body, entry.output, entry.files,
                  {*config.terms, config.job, config.where.attempt,
                   config.where.node, config.where.owner, config.input_hash});
  if (!state.machine->on_ended())
    return;
  self->send(config.where.port, acknowledge_result{attempt_of(config)});
  replica_ended ended;
  if (!fits) {
    // Signed, but not what was asked: no evidence of any work.
    ended.problem = fits.error();
    ended.kind = outcome_kind::refused;
  } else {
    ended.result = message.result;
    if (entry.body.outcome != run_outcome::completed) {
      ended.problem = failure_of(entry);
      ended.kind = outcome_kind::failed;
    }
  }
  report(self, std::move(ended));
}

void on_sweep(replica_pointer self) {
  switch (self->state.machine->on_tick(now_of(self))) {
    case replica_machine::action::nothing: break;
    case replica_machine::action::send_assignment: send_assignment(self); break;
    case replica_machine::action::give_up:
      report_lost(self, "the worker fell silent, or passed its time limit");
      break;
  }
}

} // namespace

replica_actor::behavior_type
make_replica(replica_actor::stateful_pointer<replica_actor_state> self,
             replica_config config) {
  auto& state = self->state;
  state.config = std::move(config);
  replica_timing timing;
  timing.resend_interval = defaults::heartbeat_interval;
  timing.lease = defaults::lease;
  timing.run_limit = state.config.terms->limits.wall_time;
  timing.grace = defaults::job_grace;
  state.machine.emplace(timing, now_of(self));
  send_assignment(self);
  auto progress = [self](bool running) {
    self->send(self->state.config.owner,
               replica_progress{self->state.config.where.attempt, running});
  };
  return {
    [self](const replica_acked&) { self->state.machine->on_ack(now_of(self)); },
    [self, progress](const lease_renewed& m) {
      auto& machine = *self->state.machine;
      auto before = machine.state();
      machine.on_heartbeat(now_of(self), m.running);
      if (machine.state() != before && !is_final(machine.state()))
        progress(machine.state() == replica_state::running);
    },
    [self](const replica_result& m) { on_result(self, m); },
    [self](const replica_refused& m) {
      if (!self->state.machine->on_ended())
        return;
      auto attempt = attempt_of(self->state.config);
      self->send(self->state.config.where.port, cancel_replica{attempt});
      report(self,
             {0, std::nullopt, {m.code, m.reason}, outcome_kind::refused});
    },
    [self](const unreachable_worker&) {
      if (self->state.machine->on_unreachable())
        report_lost(self, "the link to the worker is gone");
    },
    [self](const sweep&) { on_sweep(self); },
    [self](const stop_actor&) {
      if (self->state.machine->on_cancelled())
        self->send(self->state.config.where.port,
                   cancel_replica{attempt_of(self->state.config)});
      self->quit();
    },
  };
}

} // namespace artel
