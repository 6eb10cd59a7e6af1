#include "actors/job.hpp"

#include "actors/replica.hpp"
#include "protocol/core/limits.hpp"

#include <algorithm>

namespace artel {

namespace {

using job_pointer = job_actor::stateful_pointer<job_actor_state>;

attempt_record& record_of(job_pointer self, std::uint32_t attempt) {
  auto& attempts = self->state.attempts;
  auto found = std::find_if(
    attempts.begin(), attempts.end(),
    [attempt](const attempt_record& one) { return one.attempt == attempt; });
  if (found != attempts.end())
    return *found;
  attempts.push_back({});
  attempts.back().attempt = attempt;
  return attempts.back();
}

void start_replica(job_pointer self, placement where) {
  auto& state = self->state;
  state.machine->on_placed(where.attempt, where.owner);
  auto& record = record_of(self, where.attempt);
  record.node = where.node;
  record.owner = where.owner;
  auto attempt = where.attempt;
  replica_config config{state.config.environment,
                        state.config.terms,
                        state.config.index,
                        std::move(where),
                        state.config.input,
                        state.input_hash,
                        state.input_blob ? state.input_blob->ref() : blob_ref{},
                        state.config.sources,
                        self};
  auto replica = self->spawn(make_replica, std::move(config));
  self->monitor(replica);
  state.replicas.emplace(attempt, std::move(replica));
}

void offer_input(job_actor_state& state) {
  const auto& input = state.config.input;
  if (input->data.size() <= limits::blob_piece_bytes) {
    state.input_hash = hash_of(*input);
    return;
  }
  // The blob is the input's own bytes.
  state.input_blob = std::make_shared<const blob_content>(
    std::shared_ptr<const bytes>{input, &input->data});
  state.input_hash = hash_of(*input, state.input_blob->ref());
  state.config.environment->blobs->put(state.input_blob);
}

void close_replica(job_pointer self, const attempt_record& record,
                   std::string refusal = {}) {
  microseconds run_time{0};
  if (record.result)
    run_time = record.result->entry().body.wall_time_used;
  // Runs shorter than a millisecond still took some time.
  if (record.result && run_time.count() == 0)
    run_time = microseconds{100};
  self->send(self->state.config.coordinator,
             replica_closed{self->state.config.index, record.node, record.owner,
                            record.kind == outcome_kind::verified,
                            record.kind == outcome_kind::lost, run_time,
                            std::move(refusal)});
}

/// Marks who agreed with the verdict, and pays them.
void pay_agreeing(job_pointer self) {
  auto& state = self->state;
  const auto& verdict = state.machine->verdict();
  settle_job message{state.config.index, {}};
  for (auto& record : state.attempts) {
    const auto& agreeing = verdict.agreeing;
    const auto& dissenting = verdict.dissenting;
    if (std::find(agreeing.begin(), agreeing.end(), record.attempt)
        != agreeing.end()) {
      record.paid = true;
      message.payments.push_back(
        {record.owner, state.config.terms->price_per_job});
    } else if (std::find(dissenting.begin(), dissenting.end(), record.attempt)
               != dissenting.end()) {
      record.kind = outcome_kind::dissented;
    }
  }
  self->send(state.config.escrow, std::move(message));
}

void finish(job_pointer self) {
  auto& state = self->state;
  const auto& machine = *state.machine;
  job_ended message;
  message.job = state.config.index;
  message.state = machine.state();
  message.problem = machine.problem();
  message.verdict = machine.verdict();
  message.failures = machine.failures();
  if (machine.state() == job_state::completed) {
    pay_agreeing(self);
    auto agreed = record_of(self, machine.verdict().agreeing.front());
    message.accepted = agreed.result;
  } else {
    message.stderr_tail = std::move(state.stderr_tail);
  }
  message.attempts = std::move(state.attempts);
  self->send(state.config.coordinator, std::move(message));
  self->quit();
}

/// Does what the machine wants, in its order.
void carry_out(job_pointer self, job_outbox outbox) {
  auto& state = self->state;
  state.machine->check_invariants();
  for (auto attempt : outbox.cancelled) {
    auto found = state.replicas.find(attempt);
    if (found == state.replicas.end())
      continue;
    self->send(found->second, stop_actor{});
    state.replicas.erase(found);
    // It neither answered nor failed: nobody's record changes.
    auto& record = record_of(self, attempt);
    close_replica(self, record);
    std::erase_if(state.attempts, [attempt](const attempt_record& one) {
      return one.attempt == attempt;
    });
  }
  for (auto& wanted : outbox.wanted) {
    auto& ready = state.config.placements;
    if (!ready.empty()) {
      auto where = std::move(ready.back());
      ready.pop_back();
      where.attempt = wanted.attempt;
      start_replica(self, std::move(where));
    } else {
      self->send(state.config.coordinator,
                 place_replica{state.config.index, self, std::move(wanted)});
    }
  }
  if (outbox.ended)
    finish(self);
}

void on_replica_ended(job_pointer self, replica_ended& message) {
  auto& state = self->state;
  if (state.replicas.erase(message.attempt) == 0)
    return;
  auto& record = record_of(self, message.attempt);
  record.kind = message.kind;
  record.result = message.result;
  close_replica(self, record,
                message.kind == outcome_kind::refused ? message.problem.message
                                                      : std::string{});
  job_outbox outbox;
  auto now = now_of(self);
  if (message.kind == outcome_kind::verified) {
    state.machine->on_answer(now, message.attempt,
                             message.result->entry().body.output, outbox);
  } else {
    if (message.result)
      state.stderr_tail = message.result->entry().stderr_tail;
    if (!state.random)
      state.random = random_generator::from_number(state.config.random_seed);
    state.machine->on_failed(now, message.attempt, message.problem.code,
                             std::move(message.problem.message), *state.random,
                             outbox);
  }
  carry_out(self, std::move(outbox));
}

/// A replica actor that died of a bug of ours counts as lost.
void on_replica_down(job_pointer self, const caf::down_msg& down) {
  // Every replica says how it ended before it quits.
  if (down.reason == caf::exit_reason::normal)
    return;
  auto& replicas = self->state.replicas;
  auto found =
    std::find_if(replicas.begin(), replicas.end(), [&down](const auto& one) {
      return one.second.address() == down.source;
    });
  if (found == replicas.end())
    return;
  replica_ended lost{found->first,
                     std::nullopt,
                     {errc::unreachable, "the replica's actor ended: "
                                           + caf::to_string(down.reason)},
                     outcome_kind::lost};
  on_replica_ended(self, lost);
}

} // namespace

job_actor::behavior_type make_job(job_pointer self, job_config config) {
  auto& state = self->state;
  state.config = std::move(config);
  state.machine.emplace(state.config.policy);
  offer_input(state);
  self->set_down_handler(
    [self](const caf::down_msg& down) { on_replica_down(self, down); });
  job_outbox first;
  state.machine->on_start(now_of(self), first);
  carry_out(self, std::move(first));
  return {
    [self](replica_placed& m) { start_replica(self, std::move(m.where)); },
    [self](const replica_unplaceable& m) {
      job_outbox outbox;
      self->state.machine->on_unplaceable(m.attempt, outbox);
      carry_out(self, std::move(outbox));
    },
    [self](const replica_progress& m) {
      auto& machine = *self->state.machine;
      m.running ? machine.on_running(m.attempt) : machine.on_acked(m.attempt);
    },
    [self](replica_ended& m) { on_replica_ended(self, m); },
    [self](const sweep& m) {
      for (const auto& [attempt, replica] : self->state.replicas)
        self->send(replica, m);
    },
    [self](const cancel_job& m) {
      job_outbox outbox;
      self->state.machine->on_cancelled(m.expired, outbox);
      carry_out(self, std::move(outbox));
    },
  };
}

} // namespace artel
