// The outward half of the peer: gathering, batching, signing, framing.
#include "actors/defaults.hpp"
#include "actors/peer.hpp"

#include <algorithm>
#include <iterator>
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

constexpr auto control_lane = std::size_t{0};
constexpr auto results_lane = std::size_t{1};
constexpr auto bulk_lane = std::size_t{2};

constexpr std::size_t lane_of(wire::traffic_class priority) {
  return static_cast<std::size_t>(priority) - 1;
}

constexpr wire::traffic_class class_of_lane(std::size_t lane) {
  return static_cast<wire::traffic_class>(lane + 1);
}

/// What an assignment takes up in a message, about.
std::size_t bytes_of(const assign_replica& message) {
  constexpr std::size_t entry_bytes = 128;
  return (message.input_blob.is_none() ? message.input->data.size() : 0)
         + entry_bytes;
}

wire::job_assignment entry_of(const assign_replica& message) {
  wire::job_assignment entry;
  entry.job = message.job;
  entry.attempt = message.attempt;
  entry.input_blob = message.input_blob;
  if (message.sources)
    entry.sources = *message.sources;
  const auto& input = *message.input;
  if (message.input_blob.is_none())
    entry.input = input;
  else
    entry.input = {input.kind, input.first, input.last, input.name, {}};
  return entry;
}

} // namespace

// -- what gathers -------------------------------------------------------------

void peer_actor_state::assign(assign_replica& message) {
  wire::attempt_ref attempt{message.terms->task, message.job, message.attempt};
  routes_.insert_or_assign(attempt, message.replica);
  auto known = assignments_.find(attempt);
  if (known != assignments_.end()) {
    // Sent again while the first still waits.
    assignment_bytes_ -= bytes_of(known->second);
    assignment_bytes_ += bytes_of(message);
    known->second = std::move(message);
    return;
  }
  auto size = bytes_of(message);
  if (!has_room(results_lane, size))
    return;
  assignment_bytes_ += size;
  assignments_.emplace(attempt, std::move(message));
  gather();
}

void peer_actor_state::cancel(const cancel_replica& message) {
  forget_route(message.attempt);
  auto waits = assignments_.find(message.attempt);
  if (waits != assignments_.end()) {
    assignment_bytes_ -= bytes_of(waits->second);
    assignments_.erase(waits);
  }
  // The worker may have an earlier copy.
  cancels_.push_back(message.attempt);
  gather();
}

void peer_actor_state::acknowledge(const acknowledge_result& message) {
  forget_route(message.attempt);
  acknowledgements_.push_back(message.attempt);
  gather();
}

void peer_actor_state::ask(ask_bid& message) {
  bid_routes_.insert_or_assign(message.request.task,
                               std::move(message.coordinator));
  post(message.request);
}

void peer_actor_state::post(const wire::payload& payload) {
  if (const auto* bye = std::get_if<wire::goodbye>(&payload)) {
    part(bye->code, bye->reason);
    return;
  }
  push(lane_of(wire::class_of(payload)), payload);
  send_soon();
}

/// Only what the link can't take now is bounded: all else goes out at once.
bool peer_actor_state::has_room(std::size_t lane, std::size_t bytes_more) {
  const auto& held = lanes_[lane];
  if (!held.congested || lane == control_lane)
    return true;
  auto count = held.items.size();
  auto size = held.bytes_held;
  if (lane == results_lane) {
    count += assignments_.size();
    size += assignment_bytes_;
  }
  if (count == 0
      || (count < defaults::held_messages_max
          && size + bytes_more <= defaults::held_bytes_max))
    return true;
  ++counters_.overflowed;
  return false;
}

void peer_actor_state::push(std::size_t lane, const wire::payload& payload) {
  auto data = wire::encode_payload(payload);
  if (!has_room(lane, data.size()))
    return;
  lanes_[lane].bytes_held += data.size();
  lanes_[lane].items.push_back({wire::type_of(payload), std::move(data)});
}

/// For what shares a signature, or comes one by one for a whole batch.
void peer_actor_state::gather() {
  schedule_flush(self_, pace_, now_of(self_), flush{});
}

/// For all else: after what waits in the mailbox.
void peer_actor_state::send_soon() {
  if (!std::exchange(send_posted_sent_, true))
    self_->send(self_, artel::send_posted{});
}

void peer_actor_state::on_congested(const link_congested& message) {
  auto lane = lane_of(message.priority);
  if (lane >= lanes_.size())
    return;
  lanes_[lane].congested = message.congested;
  if (!message.congested)
    gather();
}

// -- what goes out ------------------------------------------------------------

void peer_actor_state::append_assignments() {
  assignment_bytes_ = 0;
  // By task: its jobs mostly share their terms, and then their message.
  auto assignments = std::exchange(assignments_, {});
  auto next = assignments.begin();
  while (next != assignments.end()) {
    auto terms = next->second.terms;
    auto terms_hash = hash_of(*terms);
    wire::job_assign message;
    message.terms = *terms;
    // Of one task, so that any attempt's list serves for all.
    if (const auto& holders = next->second.holders)
      std::copy_if(holders->begin(), holders->end(),
                   std::back_inserter(message.holders),
                   [this](const node_id& one) { return one != remote_.node; });
    std::vector<hash256> leaves;
    std::size_t size = 0;
    while (next != assignments.end() && next->second.terms == terms
           && leaves.size() < defaults::batch_entries
           && size < defaults::batch_bytes) {
      const auto& one = (next++)->second;
      size += bytes_of(one);
      leaves.push_back(wire::assignment_leaf(terms_hash, remote_.node, one.job,
                                             one.attempt, one.input_hash));
      message.jobs.push_back(entry_of(one));
    }
    message.batch_signature = sign_batch(*config_.environment->key, leaves);
    push(results_lane, message);
  }
}

wire::envelope peer_actor_state::seal(outgoing item,
                                      wire::traffic_class priority) {
  const auto& environment = *config_.environment;
  wire::envelope sealed;
  sealed.network = environment.network;
  sealed.type = item.type;
  sealed.sender = environment.id();
  sealed.recipient = remote_.node.is_zero() ? proven_ : remote_.node;
  sealed.priority = priority;
  sealed.sequence = ++sequences_[lane_of(priority)];
  sealed.sent = wall_now_of(self_, environment);
  sealed.payload = std::move(item.data);
  // Greetings prove who is there; after that the link does.
  if (item.type == wire::handshake::type_name)
    sealed.sender_signature =
      environment.key->sign(wire::envelope_digest(sealed).view());
  return sealed;
}

void peer_actor_state::send_frame_of(std::vector<wire::envelope>& items,
                                     wire::traffic_class priority) {
  if (items.empty())
    return;
  auto frame = wire::encode_frame(items);
  counters_.messages_out += items.size();
  counters_.bytes_out += frame.size();
  self_->send(config_.transport, send_frame{link_, std::move(frame), priority});
  items.clear();
}

void peer_actor_state::send_lane(std::size_t lane) {
  auto priority = class_of_lane(lane);
  lanes_[lane].bytes_held = 0;
  std::vector<wire::envelope> items;
  std::size_t size = 0;
  for (auto& item : std::exchange(lanes_[lane].items, {})) {
    auto next = item.data.size();
    // A large one goes alone: the frame has a limit.
    if (items.size() >= frame_envelopes
        || size + next > defaults::batch_bytes) {
      send_frame_of(items, priority);
      size = 0;
    }
    size += next;
    items.push_back(seal(std::move(item), priority));
  }
  send_frame_of(items, priority);
}

/// Ahead of all that gathers.
void peer_actor_state::send_now(const wire::payload& payload) {
  auto priority = wire::class_of(payload);
  std::vector<wire::envelope> items;
  items.push_back(
    seal({wire::type_of(payload), wire::encode_payload(payload)}, priority));
  send_frame_of(items, priority);
}

bool peer_actor_state::may_send() const {
  // Before the handshake nothing but the greeting goes out.
  return phase_ == phase::ready || phase_ == phase::measuring;
}

void peer_actor_state::send_posted() {
  send_posted_sent_ = false;
  if (may_send())
    send_lanes();
}

void peer_actor_state::send_gathered() {
  pace_.on_flush(now_of(self_));
  if (!may_send())
    return;
  std::vector<wire::payload> lists;
  append_in_batches<wire::job_cancel>(cancels_, lists);
  append_in_batches<wire::job_result_ack>(acknowledgements_, lists);
  for (const auto& one : lists)
    push(control_lane, one);
  if (!lanes_[results_lane].congested)
    append_assignments();
  send_lanes();
}

void peer_actor_state::send_lanes() {
  for (std::size_t lane = 0; lane < lanes_.size(); ++lane) {
    if (lane != control_lane && lanes_[lane].congested)
      continue;
    if (lane == bulk_lane)
      append_pieces();
    send_lane(lane);
  }
}

} // namespace artel
