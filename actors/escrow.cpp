#include "actors/escrow.hpp"

#include "actors/defaults.hpp"
#include "actors/environment.hpp"

namespace artel {

namespace {

using escrow_pointer = escrow_actor::stateful_pointer<escrow_actor_state>;

failure ledger_unreachable(const caf::error& reason) {
  return {errc::unreachable,
          "the ledger did not answer: " + caf::to_string(reason)};
}

void release(escrow_pointer self) {
  self
    ->request(self->state.config.ledger, defaults::request_timeout,
              ledger_release{self->state.config.task})
    .then(
      [self](const ledger_answer& answer) {
        auto& state = self->state;
        if (answer.problem && !state.problem)
          state.problem = answer.problem;
        state.closing->deliver(
          settlement{state.problem, state.held, state.paid, answer.amount});
        self->quit();
      },
      [self](const caf::error& reason) {
        auto& state = self->state;
        state.closing->deliver(
          settlement{ledger_unreachable(reason), state.held, state.paid, {}});
        self->quit();
      });
}

/// The hold is released once all payments are confirmed.
void close_if_done(escrow_pointer self) {
  auto& state = self->state;
  if (state.closing && state.unconfirmed == 0 && state.gathered.empty())
    release(self);
}

void pay_gathered(escrow_pointer self) {
  auto& state = self->state;
  if (state.gathered.empty())
    return;
  ledger_pay message{state.config.task, {}};
  for (const auto& [payee, amount] : state.gathered)
    message.payments.push_back({payee, amount});
  state.gathered.clear();
  state.gathered_jobs = 0;
  ++state.unconfirmed;
  self
    ->request(state.config.ledger, defaults::request_timeout,
              std::move(message))
    .then(
      [self](const ledger_answer& answer) {
        --self->state.unconfirmed;
        if (answer.problem)
          self->state.problem = answer.problem;
        else
          self->state.paid.micro += answer.amount.micro;
        close_if_done(self);
      },
      [self](const caf::error& reason) {
        --self->state.unconfirmed;
        self->state.problem = ledger_unreachable(reason);
        close_if_done(self);
      });
}

void settle(escrow_pointer self, const settle_job& message) {
  auto& state = self->state;
  if (!state.settled.insert(message.job))
    return;
  for (const auto& one : message.payments)
    state.gathered[one.payee].micro += one.amount.micro;
  ++state.gathered_jobs;
  if (state.gathered_jobs >= defaults::payment_batch)
    pay_gathered(self);
  else
    schedule_flush(self, state.pace, now_of(self), flush{});
}

} // namespace

escrow_actor::behavior_type
make_escrow(escrow_actor::stateful_pointer<escrow_actor_state> self,
            escrow_config config) {
  self->state.config = std::move(config);
  return {
    [self](const hold_credits& m) {
      auto& state = self->state;
      auto promise = self->make_response_promise<ledger_answer>();
      self
        ->request(state.config.ledger, defaults::request_timeout,
                  ledger_hold{state.config.owner, state.config.task, m.amount})
        .then(
          [self, promise](const ledger_answer& answer) mutable {
            if (!answer.problem)
              self->state.held = answer.amount;
            promise.deliver(answer);
          },
          [promise](const caf::error& reason) mutable {
            promise.deliver(ledger_answer{ledger_unreachable(reason), {}});
          });
      return promise;
    },
    [self](const settle_job& m) { settle(self, m); },
    [self](const flush&) {
      self->state.pace.on_flush(now_of(self));
      pay_gathered(self);
    },
    [self](const close_escrow&) {
      auto promise = self->make_response_promise<settlement>();
      if (self->state.closing) {
        promise.deliver(settlement{
          failure{errc::invalid_state, "the escrow is closing already"},
          {},
          {},
          {}});
        return promise;
      }
      self->state.closing = promise;
      pay_gathered(self);
      close_if_done(self);
      return promise;
    },
  };
}

} // namespace artel
