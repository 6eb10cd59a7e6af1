#include "actors/peer.hpp"

#include "actors/defaults.hpp"
#include "actors/logging.hpp"
#include "protocol/verification/receipt.hpp"

#include <utility>

namespace artel {

void peer_actor_state::start(pointer self, peer_config config) {
  self_ = self;
  config_ = std::move(config);
  deadline_ = now_of(self) + defaults::handshake_deadline;
  self->delayed_send(self, defaults::handshake_interval, sweep{});
}

// -- the link -----------------------------------------------------------------

void peer_actor_state::on_link_opened(link_id link) {
  link_ = link;
  phase_ = phase::greeting;
  if (config_.outbound)
    greet(false);
}

void peer_actor_state::on_link_closed(const std::string& reason) {
  tell_counters();
  for (const auto& [attempt, replica] : routes_)
    self_->send(replica, unreachable_worker{});
  routes_.clear();
  self_->send(config_.node, peer_gone{remote_.node, self_->id(), reason});
  closed_ = true;
  self_->quit();
}

void peer_actor_state::tell_counters() const {
  const auto& [malformed, replayed, forged, late, early] = counters_;
  if (malformed + replayed + forged + late + early == 0)
    return;
  log_line(config_.observer, *config_.environment, log_level::info,
           "link to " + config_.address + " dropped "
             + std::to_string(malformed) + " malformed, "
             + std::to_string(replayed) + " replayed, " + std::to_string(forged)
             + " forged messages, " + std::to_string(late)
             + " late results and " + std::to_string(early)
             + " messages before the greeting");
}

void peer_actor_state::on_sweep() {
  if (phase_ == phase::ready)
    return;
  if (now_of(self_) >= deadline_) {
    close("the handshake was not done in time");
    return;
  }
  self_->delayed_send(self_, defaults::handshake_interval, sweep{});
  if (phase_ == phase::greeting && config_.outbound)
    greet(false);
  if (phase_ == phase::measuring) {
    // Which of the two was lost can't be told.
    if (!config_.outbound)
      greet(true);
    send_envelopes({wire::ping{ping_nonce_}});
  }
}

void peer_actor_state::close(const std::string& reason) {
  if (phase_ != phase::connecting)
    self_->send(config_.transport, close_link{link_});
  on_link_closed(reason);
}

void peer_actor_state::warn(std::string message) {
  auto who =
    remote_.display_name.empty() ? config_.address : remote_.display_name;
  log_line(config_.observer, *config_.environment, log_level::warning,
           "peer " + who + ": " + std::move(message));
}

remote_node peer_actor_state::remote() const {
  auto result = remote_;
  result.port = node_port{self_};
  return result;
}

// -- handshake ----------------------------------------------------------------

void peer_actor_state::greet(bool reply) {
  const auto& environment = *config_.environment;
  wire::handshake hello;
  hello.network = environment.network;
  hello.node = environment.id();
  hello.owner = environment.owner;
  hello.display_name = environment.display_name;
  hello.role = environment.role;
  hello.address = environment.address;
  hello.reply = reply;
  send_envelopes({hello});
}

void peer_actor_state::refuse(errc code, std::string reason) {
  send_envelopes({wire::handshake_refused{code, reason}});
  warn("refused: " + reason);
  close(reason);
}

void peer_actor_state::on_handshake(const wire::envelope& item) {
  if (item.version != wire::protocol_version) {
    refuse(errc::version_mismatch, "this node speaks protocol version "
                                     + std::to_string(wire::protocol_version)
                                     + ", not " + std::to_string(item.version));
    return;
  }
  auto payload = wire::decode_payload(item);
  if (!payload) {
    refuse(payload.error().code,
           "the greeting is malformed: " + payload.error().message);
    return;
  }
  const auto* hello = std::get_if<wire::handshake>(&*payload);
  if (hello == nullptr) {
    // It overtook the greeting, and whoever sent it sends it again.
    ++counters_.early;
    return;
  }
  const auto& environment = *config_.environment;
  if (hello->network != environment.network) {
    refuse(errc::network_mismatch, "this node belongs to network '"
                                     + environment.network + "', not '"
                                     + hello->network + "'");
    return;
  }
  // The greeting is signed: whoever holds the link holds that key.
  auto digest = wire::envelope_digest(item);
  if (hello->node != item.sender
      || !verify(hello->node, digest.view(), item.sender_signature)) {
    refuse(errc::bad_signature, "the handshake's signature does not fit");
    return;
  }
  if (hello->node == environment.id()) {
    refuse(errc::refused, "this is the same node");
    return;
  }
  remote_.node = hello->node;
  remote_.owner = hello->owner;
  remote_.display_name = hello->display_name;
  remote_.role = hello->role;
  remote_.address = hello->address;
  if (!hello->reply)
    greet(true);
  phase_ = phase::measuring;
  ping_nonce_ = item.sequence + 1;
  ping_sent_ = now_of(self_);
  send_envelopes({wire::ping{ping_nonce_}});
}

void peer_actor_state::on_pong(const wire::pong& message) {
  if (message.nonce != ping_nonce_)
    return;
  remote_.latency = now_of(self_) - ping_sent_;
  if (std::exchange(phase_, phase::ready) != phase::ready)
    self_->send(config_.node, peer_ready{remote()});
}

// -- inwards ------------------------------------------------------------------

void peer_actor_state::on_frame(const bytes& frame) {
  auto items = wire::decode_frame(frame);
  if (!items) {
    ++counters_.malformed;
    warn("sent a malformed frame: " + items.error().message);
    close("malformed frame");
    return;
  }
  for (const auto& item : *items) {
    if (phase_ == phase::greeting) {
      if (item.type == wire::handshake_refused::type_name) {
        auto payload = wire::decode_payload(item);
        auto* no =
          payload ? std::get_if<wire::handshake_refused>(&*payload) : nullptr;
        auto reason = no ? no->reason : std::string{"no reason given"};
        warn("refused us: " + reason);
        close("refused: " + reason);
        return;
      }
      on_handshake(item);
      if (closed_)
        return;
      continue;
    }
    if (item.type == wire::handshake::type_name) {
      // A link greets once; again is a duplicate, or was sent in vain.
      ++counters_.replayed;
      continue;
    }
    if (!admit(item))
      continue;
    auto payload = wire::decode_payload(item);
    if (!payload) {
      ++counters_.malformed;
      warn("sent a malformed " + item.type + ": " + payload.error().message);
      close("malformed message");
      return;
    }
    dispatch(std::move(*payload));
  }
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
  return true;
}

void peer_actor_state::to_worker(wire::payload payload) {
  if (config_.worker)
    self_->send(config_.worker, peer_message{remote(), std::move(payload)});
}

void peer_actor_state::dispatch(wire::payload payload) {
  std::visit(
    [this]<class T>(T& message) {
      if constexpr (std::is_same_v<T, wire::ping>) {
        post(wire::pong{message.nonce});
      } else if constexpr (std::is_same_v<T, wire::pong>) {
        on_pong(message);
      } else if constexpr (
        std::is_same_v<
          T, wire::peer_exchange> || std::is_same_v<T, wire::bundle_request>) {
        self_->send(config_.node, peer_message{remote(), std::move(message)});
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
  if (!own || !verify_batch(remote_.node, leaves, message.batch_signature)) {
    ++counters_.forged;
    warn("sent results whose signature does not fit");
    return;
  }
  auto batch = std::make_shared<result_batch>();
  batch->entries = std::move(message.entries);
  batch->proofs = make_proofs(leaves, message.batch_signature);
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
    [&state](ask_bid& m) { state.ask(m); },
    [&state](send_payload& m) { state.post(std::move(m.payload)); },
    [&state](const link_opened& m) { state.on_link_opened(m.link); },
    [&state](const link_closed& m) { state.on_link_closed(m.reason); },
    [&state](const frame_received& m) { state.on_frame(m.frame); },
    [&state](const flush&) { state.send_gathered(); },
    [&state](const sweep&) { state.on_sweep(); },
    [&state](const stop_actor&) { state.close("this node stops"); },
  };
}

} // namespace artel
