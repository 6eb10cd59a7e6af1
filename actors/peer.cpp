#include "actors/peer.hpp"

#include "actors/defaults.hpp"
#include "protocol/verification/receipt.hpp"

#include <type_traits>
#include <utility>

namespace artel {

namespace {

template <class Message, class... Messages>
constexpr bool is_one_of = (std::is_same_v<Message, Messages> || ...);

template <class Message>
constexpr bool is_for_node =
  is_one_of<Message, wire::peer_exchange, wire::network_update, wire::payment,
            wire::payment_ack>;

} // namespace

void peer_actor_state::start(pointer self, peer_config config) {
  self_ = self;
  config_ = std::move(config);
  deadline_ = now_of(self) + defaults::handshake_deadline;
  self->delayed_send(self, defaults::handshake_interval, sweep{});
}

// -- the link -----------------------------------------------------------------

void peer_actor_state::on_link_closed(const std::string& reason) {
  // There is none left to be closed.
  phase_ = phase::connecting;
  close(errc::unreachable, reason);
}

void peer_actor_state::close(errc code, const std::string& reason) {
  if (std::exchange(closed_, true))
    return;
  if (phase_ != phase::connecting)
    self_->send(config_.transport, close_link{link_});
  tell_counters();
  fail_measurements(reason);
  for (const auto& [attempt, replica] : routes_)
    self_->send(replica, unreachable_worker{});
  routes_.clear();
  self_->send(config_.node,
              peer_gone{remote_.node, self_->id(), reason, code, counters_,
                        refused_here_, config_.address});
  self_->quit();
}

/// What the node's actors have said so far still goes out.
void peer_actor_state::stop() {
  if (phase_ == phase::ready)
    send_gathered();
  part(errc::cancelled, "this node stops");
}

remote_node peer_actor_state::remote() const {
  auto result = remote_;
  result.port = node_port{self_};
  return result;
}

// -- inwards ------------------------------------------------------------------

void peer_actor_state::on_frame(const bytes& frame) {
  if (closed_)
    return;
  counters_.bytes_in += frame.size();
  auto items = wire::decode_frame(frame);
  if (!items) {
    ++counters_.malformed;
    auto reason = "sent a malformed frame: " + items.error().message;
    warn(reason);
    close(errc::malformed, reason);
    return;
  }
  counters_.messages_in += items->size();
  for (const auto& item : *items) {
    if (phase_ == phase::greeting)
      on_greeting(item);
    else
      on_envelope(item);
    if (closed_)
      return;
  }
}

void peer_actor_state::on_envelope(const wire::envelope& item) {
  // A link greets once; again is a duplicate, or was sent in vain.
  if (item.type == wire::handshake::type_name) {
    ++counters_.replayed;
    static_cast<void>(is_within_rate(item));
    return;
  }
  auto is_sound = admit(item);
  // What is dropped anyway counts to the rate too.
  if (!is_within_rate(item) || !is_sound)
    return;
  auto payload = wire::decode_payload(item);
  if (!payload) {
    ++counters_.malformed;
    auto reason =
      "sent a malformed " + item.type + ": " + payload.error().message;
    warn(reason);
    close(errc::malformed, reason);
    return;
  }
  dispatch(std::move(*payload));
}

bool peer_actor_state::admit(const wire::envelope& item) {
  const auto& environment = *config_.environment;
  auto sound = wire::check_envelope(item, environment.network, environment.id(),
                                    wall_now_of(self_, environment));
  if (sound && item.sender != remote_.node)
    sound = {errc::bad_signature, "the sender is not the link's other end"};
  if (!sound) {
    ++counters_.forged;
    warn("sent a message that was dropped: " + sound.error().message);
    return false;
  }
  if (!replay_.admit(item.priority, item.sequence)) {
    ++counters_.replayed;
    return false;
  }
  heard_ = now_of(self_);
  return true;
}

void peer_actor_state::to_worker(wire::payload payload) {
  if (config_.worker)
    self_->send(config_.worker, peer_message{remote(), std::move(payload)});
}

void peer_actor_state::to_node(wire::payload payload) {
  self_->send(config_.node, peer_message{remote(), std::move(payload)});
}

void peer_actor_state::dispatch(wire::payload payload) {
  std::visit(
    [this]<class T>(T& message) {
      if constexpr (std::is_same_v<T, wire::ping>) {
        post(wire::pong{message.nonce});
      } else if constexpr (std::is_same_v<T, wire::pong>) {
        on_pong(message);
      } else if constexpr (std::is_same_v<T, wire::goodbye>) {
        on_goodbye(message);
      } else if constexpr (is_for_node<T>) {
        to_node(std::move(message));
      } else if constexpr (std::is_same_v<T, wire::bid_request>) {
        if (config_.worker) {
          to_worker(std::move(message));
        } else {
          wire::bid no;
          no.task = message.task;
          no.worker = config_.environment->id();
          no.worker_owner = config_.environment->owner;
          no.refusal = "this node runs no jobs";
          post(std::move(no));
        }
      } else if constexpr (std::is_same_v<T, wire::bid>) {
        on_bid(message);
      } else if constexpr (std::is_same_v<T, wire::blob_request>) {
        on_blob_request(message);
      } else if constexpr (std::is_same_v<T, wire::blob_piece>) {
        on_blob_piece(message);
      } else if constexpr (std::is_same_v<T, wire::job_result>) {
        on_results(message);
      } else if constexpr (std::is_same_v<T, wire::heartbeat>) {
        on_heartbeat(message);
      } else if constexpr (std::is_same_v<T, wire::job_ack>) {
        for (const auto& attempt : message.attempts)
          if (auto route = routes_.find(attempt); route != routes_.end())
            self_->send(route->second, replica_acked{});
      } else if constexpr (std::is_same_v<T, wire::job_fail>) {
        if (auto route = routes_.find(message.attempt); route != routes_.end())
          self_->send(route->second,
                      replica_refused{message.code, message.reason});
      } else if constexpr (
        std::is_same_v<
          T, wire::handshake> || std::is_same_v<T, wire::handshake_refused>) {
        // Too late to refuse, and greetings don't come this far.
        ++counters_.replayed;
      } else {
        to_worker(std::move(message));
      }
    },
    payload);
}

void peer_actor_state::on_bid(const wire::bid& offer) {
  auto route = bid_routes_.find(offer.task);
  if (route == bid_routes_.end())
    return;
  auto forged = offer.worker != remote_.node
                || offer.worker_owner != remote_.owner
                || (offer.accepted
                    && !verify(remote_.node, bid_digest(offer).view(),
                               offer.worker_signature));
  if (forged) {
    ++counters_.forged;
    warn("sent a bid whose signature does not fit");
    return;
  }
  self_->send(route->second, bid_received{offer});
  bid_routes_.erase(route);
}

void peer_actor_state::on_results(wire::job_result& message) {
  std::vector<hash256> leaves;
  leaves.reserve(message.entries.size());
  auto own = true;
  for (const auto& entry : message.entries) {
    leaves.push_back(receipt_leaf(entry.body));
    own = own && entry.body.worker == remote_.node;
  }
  auto proofs = own ? open_batch(remote_.node, leaves, message.batch_signature)
                    : std::nullopt;
  if (!proofs) {
    ++counters_.forged;
    warn("sent results whose signature does not fit");
    return;
  }
  auto batch = std::make_shared<result_batch>();
  batch->entries = std::move(message.entries);
  batch->proofs = std::move(*proofs);
  for (std::size_t i = 0; i < batch->entries.size(); ++i) {
    const auto& body = batch->entries[i].body;
    wire::attempt_ref attempt{body.task, body.job, body.attempt};
    if (auto route = routes_.find(attempt); route != routes_.end()) {
      self_->send(route->second, replica_result{{batch, i}});
    } else {
      ++counters_.late;
      acknowledge({attempt});
    }
  }
}

void peer_actor_state::on_heartbeat(const wire::heartbeat& message) {
  for (const auto& lease : message.leases) {
    if (auto route = routes_.find(lease.attempt); route != routes_.end())
      self_->send(route->second, lease_renewed{lease.running});
    else
      cancel({lease.attempt});
  }
}

peer_actor::behavior_type make_peer(peer_actor_state::pointer self,
                                    peer_config config) {
  self->state.start(self, std::move(config));
  auto& state = self->state;
  return {
    [&state](assign_replica& m) { state.assign(m); },
    [&state](const cancel_replica& m) { state.cancel(m); },
    [&state](const acknowledge_result& m) { state.acknowledge(m); },
    [&state](const fetch_pieces& m) { state.fetch(m); },
    [&state](ask_bid& m) { state.ask(m); },
    [&state](const send_payload& m) { state.post(m.payload); },
    [&state](const link_opened& m) { state.on_link_opened(m); },
    [&state](const link_closed& m) { state.on_link_closed(m.reason); },
    [&state](const frame_received& m) { state.on_frame(m.frame); },
    [&state](const link_congested& m) { state.on_congested(m); },
    [&state](const network_changed& m) { state.on_network_changed(m); },
    [&state](const query_peer&) { return state.status(); },
    [&state](const measure_latency&) { return state.measure(); },
    [&state](const flush&) { state.send_gathered(); },
    [&state](const send_posted&) { state.send_posted(); },
    [&state](const sweep&) { state.on_sweep(); },
    [&state](const stop_actor&) { state.stop(); },
  };
}

} // namespace artel
