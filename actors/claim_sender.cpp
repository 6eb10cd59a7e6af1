#include "actors/claim_sender.hpp"

#include "actors/defaults.hpp"

#include <utility>

namespace artel {

namespace {

using sender_pointer =
  claim_sender_actor::stateful_pointer<claim_sender_actor_state>;

payment_claim signed_claim(sender_pointer self,
                           const promised_claims::due_claim& due) {
  const auto& environment = *self->state.config.environment;
  payment_claim claim;
  claim.network = environment.network;
  claim.task = due.task;
  claim.payer_owner = environment.owner;
  claim.payee = due.payee;
  claim.amount = due.amount;
  claim.jobs = due.jobs;
  claim.issued = wall_now_of(self, environment);
  sign_claim(claim, *environment.key);
  return claim;
}

void send_due(sender_pointer self) {
  auto& state = self->state;
  for (const auto& due : state.claims.due(now_of(self))) {
    auto claim = signed_claim(self, due);
    for (const auto& node : due.nodes)
      if (auto port = state.ports.find(node); port != state.ports.end())
        self->send(port->second, send_payload{wire::payment{claim}});
  }
}

void answer_settled(sender_pointer self) {
  auto& state = self->state;
  auto now = now_of(self);
  std::erase_if(state.waiting, [&state, now](auto& one) {
    auto tally = state.claims.of(one.task);
    if (tally.acknowledged < tally.payees && now < one.until)
      return false;
    one.promise.deliver(claims_settled{tally.payees, tally.acknowledged});
    state.claims.close(one.task);
    return true;
  });
}

/// Runs a timer only while there is something to send or to wait for.
void keep_time(sender_pointer self, milliseconds delay) {
  auto& state = self->state;
  if (state.timer_runs || (state.claims.is_idle() && state.waiting.empty()))
    return;
  state.timer_runs = true;
  // To the end of the mailbox: what waits there joins in.
  if (delay.count() == 0)
    self->send(self, sweep{});
  else
    self->delayed_send(self, delay, sweep{});
}

void on_sweep(sender_pointer self) {
  self->state.timer_runs = false;
  send_due(self);
  answer_settled(self);
  keep_time(self, defaults::heartbeat_interval);
}

/// What is new goes out in the next turn: several payees at a time.
void send_soon(sender_pointer self) {
  keep_time(self, milliseconds{0});
}

void on_acknowledged(sender_pointer self, const peer_message& message) {
  const auto* known = std::get_if<wire::payment_ack>(&message.payload);
  if (known == nullptr)
    return;
  self->state.claims.on_acknowledged(message.from.node, known->task,
                                     known->amount);
  answer_settled(self);
}

} // namespace

claim_sender_actor::behavior_type
make_claim_sender(sender_pointer self, claim_sender_config config) {
  self->state.config = std::move(config);
  auto& state = self->state;
  return {
    [self, &state](const owe_payee& m) {
      state.claims.owe(m.task, m.payee, m.node, m.amount, m.jobs, now_of(self));
      send_soon(self);
    },
    [self, &state](const settle_claims& m) {
      auto promise = self->make_response_promise<claims_settled>();
      state.waiting.push_back({m.task, now_of(self) + m.patience, promise});
      answer_settled(self);
      keep_time(self, defaults::heartbeat_interval);
      return promise;
    },
    [self, &state](const peer_ready& m) {
      state.ports.insert_or_assign(m.peer.node, m.peer.port);
      state.claims.on_reachable(m.peer.node, now_of(self));
      send_soon(self);
    },
    [&state](const peer_gone& m) {
      auto port = state.ports.find(m.node);
      if (port != state.ports.end() && port->second.id() == m.peer)
        state.ports.erase(port);
    },
    [self](const peer_message& m) { on_acknowledged(self, m); },
    [self](const sweep&) { on_sweep(self); },
    [self](const stop_actor&) { self->quit(); },
  };
}

} // namespace artel
