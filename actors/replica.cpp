#include "actors/replica.hpp"

#include "actors/defaults.hpp"
#include "protocol/core/limits.hpp"
#include "protocol/verification/receipt_check.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/messages.hpp"

#include <memory>
#include <utility>

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
                            config.input, config.input_hash, self,
                            config.where.holders, config.input_blob,
                            config.sources});
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

expected_receipt expected_by(const replica_config& config) {
  return {*config.terms,     config.job,         config.where.attempt,
          config.where.node, config.where.owner, config.input_hash};
}

/// The attempt's end by a result whose output is here, or does not fit.
void finish(replica_pointer self, const result_ref& given,
            const result<void>& fits) {
  auto& state = self->state;
  const auto& config = state.config;
  if (!state.machine->on_ended())
    return;
  self->send(config.where.port, acknowledge_result{attempt_of(config)});
  const auto& entry = given.entry();
  replica_ended ended;
  if (!fits) {
    // Signed, but not what was asked: no evidence of any work.
    ended.problem = fits.error();
    ended.kind = outcome_kind::refused;
  } else {
    ended.result = given;
    if (entry.body.outcome != run_outcome::completed) {
      ended.problem = failure_of(entry);
      ended.kind = outcome_kind::failed;
    }
  }
  report(self, std::move(ended));
}

/// The most that the encoding of an output may have.
std::uint64_t output_blob_bytes_max(const receipt& body) {
  // Names, headers and field names of every file, and of the whole.
  constexpr std::uint64_t file_bytes = limits::name_bytes_max + 64;
  return body.output_bytes + (limits::output_files_max + 1) * file_bytes;
}

void send_requests(replica_pointer self, const blob_outbox& out) {
  const auto& config = self->state.config;
  for (const auto& one : out.requests)
    self->send(config.where.port,
               fetch_pieces{attempt_of(config),
                            {self->state.fetch->blob().id, one.pieces}});
}

void begin_fetch(replica_pointer self, const result_ref& given) {
  auto& state = self->state;
  const auto& body = given.entry().body;
  auto now = now_of(self);
  blob_fetch_settings settings;
  settings.patience = defaults::output_patience;
  auto fetch = blob_fetch::begin(given.entry().output_blob,
                                 output_blob_bytes_max(body), settings, now);
  if (!fetch) {
    finish(self, given, fetch.error());
    return;
  }
  state.machine->on_announced(now);
  state.announced = given;
  state.fetch = std::move(*fetch);
  blob_outbox out;
  state.fetch->add_source(state.config.where.node, now, out);
  send_requests(self, out);
}

void on_result(replica_pointer self, const replica_result& message) {
  auto& state = self->state;
  if (is_final(state.machine->state()))
    return;
  const auto& entry = message.result.entry();
  const auto expected = expected_by(state.config);
  if (entry.output_blob.is_none()) {
    finish(self, message.result,
           check_receipt(entry.body, entry.output, entry.files, expected));
    return;
  }
  // Sent again until it is acknowledged, which is once the output is here.
  if (state.fetch)
    return;
  auto fits = check_receipt_terms(entry.body, expected);
  if (fits
      && (entry.body.outcome != run_outcome::completed || !entry.output.empty()
          || !entry.files.empty()))
    fits = {errc::malformed, "a result with an output in two places"};
  if (fits)
    begin_fetch(self, message.result);
  else
    finish(self, message.result, fits);
}

/// The whole output as if it had come with its receipt.
result<result_ref> whole_result(const result_ref& announced, bytes encoded) {
  auto content = wire::decode<wire::run_output>(encoded);
  if (!content)
    return content.error();
  auto batch = std::make_shared<result_batch>();
  batch->entries.push_back(announced.entry());
  batch->proofs.push_back(announced.proof());
  auto& entry = batch->entries.front();
  entry.output = std::move(content->output);
  entry.files = std::move(content->files);
  return result_ref{std::move(batch), 0};
}

/// After every change of the fetch.
void follow_fetch(replica_pointer self, const blob_outbox& out) {
  auto& state = self->state;
  send_requests(self, out);
  if (state.fetch->is_complete()) {
    auto whole = whole_result(*state.announced, state.fetch->take());
    if (!whole) {
      finish(self, *state.announced, whole.error());
      return;
    }
    const auto& entry = whole->entry();
    finish(self, *whole,
           check_receipt(entry.body, entry.output, entry.files,
                         expected_by(state.config)));
  } else if (const auto& problem = state.fetch->problem()) {
    if (problem->code == errc::bad_signature)
      finish(self, *state.announced, *problem);
    else if (state.machine->on_unreachable())
      report_lost(self,
                  "the worker does not send its output: " + problem->message);
  }
}

void on_piece(replica_pointer self, const wire::blob_piece& piece) {
  auto& state = self->state;
  if (!state.fetch || is_final(state.machine->state()))
    return;
  auto now = now_of(self);
  blob_outbox out;
  state.fetch->on_piece(state.config.where.node, piece, now, out);
  state.machine->on_ack(now);
  follow_fetch(self, out);
}

void on_sweep(replica_pointer self) {
  switch (self->state.machine->on_tick(now_of(self))) {
    case replica_machine::action::nothing: break;
    case replica_machine::action::send_assignment: send_assignment(self); break;
    case replica_machine::action::give_up:
      report_lost(self, "the worker fell silent, or passed its time limit");
      return;
  }
  if (!self->state.fetch || is_final(self->state.machine->state()))
    return;
  blob_outbox out;
  self->state.fetch->on_tick(now_of(self), out);
  follow_fetch(self, out);
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
    [self](const blob_received& m) { on_piece(self, *m.piece); },
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
