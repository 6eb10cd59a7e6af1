// The outward half of the peer: gathering, batching, signing, framing.
#include "actors/defaults.hpp"
#include "actors/peer.hpp"

#include <algorithm>
#include <utility>

namespace artel {

namespace {

/// Envelopes in one frame: enough to share its cost, few enough that one lost
/// frame does not hold everything.
constexpr std::size_t frame_envelopes = 64;

/// Splits a list of attempts into messages that a receiver accepts.
template <class Message>
void append_in_batches(std::vector<wire::attempt_ref>& attempts,
                       std::vector<wire::payload>& out) {
  for (std::size_t from = 0; from < attempts.size();
       from += limits::batch_entries_max) {
    auto to = std::min(attempts.size(), from + limits::batch_entries_max);
    Message message;
    message.attempts.assign(attempts.begin()
                              + static_cast<std::ptrdiff_t>(from),
                            attempts.begin() + static_cast<std::ptrdiff_t>(to));
    out.emplace_back(std::move(message));
  }
  attempts.clear();
}

} // namespace

void peer_actor_state::assign(assign_replica& message) {
  wire::attempt_ref attempt{message.terms->task, message.job, message.attempt};
  routes_.insert_or_assign(attempt, message.replica);
  assignments_.push_back(std::move(message));
  gather();
}

void peer_actor_state::cancel(const cancel_replica& message) {
  routes_.erase(message.attempt);
  cancels_.push_back(message.attempt);
  gather();
}

void peer_actor_state::acknowledge(const acknowledge_result& message) {
  routes_.erase(message.attempt);
  acknowledgements_.push_back(message.attempt);
  gather();
}

void peer_actor_state::ask(ask_bid& message) {
  bid_routes_.insert_or_assign(message.request.task,
                               std::move(message.coordinator));
  post(std::move(message.request));
}

void peer_actor_state::post(wire::payload payload) {
  payloads_.push_back(std::move(payload));
  gather();
}

void peer_actor_state::gather() {
  schedule_flush(self_, pace_, now_of(self_), flush{});
}

void peer_actor_state::append_assignments(std::vector<wire::payload>& out) {
  auto assignments = std::exchange(assignments_, {});
  // Terms are shared by a task's jobs: equal pointers, one message.
  std::stable_sort(assignments.begin(), assignments.end(),
                   [](const assign_replica& a, const assign_replica& b) {
                     return a.terms->task < b.terms->task;
                   });
  std::size_t next = 0;
  while (next < assignments.size()) {
    auto terms = assignments[next].terms;
    auto terms_hash = hash_of(*terms);
    wire::job_assign message;
    message.terms = *terms;
    std::vector<hash256> leaves;
    std::size_t size = 0;
    while (next < assignments.size() && assignments[next].terms == terms
           && leaves.size() < defaults::batch_entries
           && size < defaults::batch_bytes) {
      const auto& one = assignments[next++];
      size += one.input->data.size();
      leaves.push_back(wire::assignment_leaf(terms_hash, remote_.node, one.job,
                                             one.attempt, one.input_hash));
      message.jobs.push_back({one.job, one.attempt, *one.input});
    }
    message.batch_signature = sign_batch(*config_.environment->key, leaves);
    out.emplace_back(std::move(message));
  }
}

wire::envelope peer_actor_state::seal(const wire::payload& payload) {
  const auto& environment = *config_.environment;
  wire::envelope item;
  item.network = environment.network;
  item.type = wire::type_of(payload);
  item.sender = environment.id();
  item.recipient = remote_.node;
  item.priority = wire::class_of(payload);
  item.sequence = ++sequences_[static_cast<std::size_t>(item.priority) - 1];
  item.sent = wall_now_of(self_, environment);
  item.payload = wire::encode_payload(payload);
  // Greetings prove who is there; after that the link does.
  if (std::holds_alternative<wire::handshake>(payload))
    item.sender_signature =
      environment.key->sign(wire::envelope_digest(item).view());
  return item;
}

void peer_actor_state::send_envelopes(
  const std::vector<wire::payload>& payloads) {
  std::vector<wire::envelope> items;
  std::size_t size = 0;
  auto send = [&] {
    if (items.empty())
      return;
    self_->send(config_.transport,
                send_frame{link_, wire::encode_frame(items)});
    items.clear();
    size = 0;
  };
  for (const auto& payload : payloads) {
    items.push_back(seal(payload));
    size += items.back().payload.size();
    if (items.size() >= frame_envelopes || size >= defaults::batch_bytes)
      send();
  }
  send();
}

void peer_actor_state::send_gathered() {
  pace_.on_flush(now_of(self_));
  // Before the handshake nothing but the greeting goes out.
  if (phase_ != phase::ready && phase_ != phase::measuring)
    return;
  auto payloads = std::exchange(payloads_, {});
  append_in_batches<wire::job_cancel>(cancels_, payloads);
  append_in_batches<wire::job_result_ack>(acknowledgements_, payloads);
  append_assignments(payloads);
  send_envelopes(payloads);
}

} // namespace artel
