// The node's links: one a peer, whoever dialled.
#include "actors/answer_error.hpp"
#include "actors/defaults.hpp"
#include "actors/node.hpp"
#include "actors/peer.hpp"

#include <utility>

namespace artel {

peer_actor node_actor_state::spawn_peer(bool outbound, std::string address,
                                        const node_id& probed) {
  peer_config config;
  config.environment = config_.environment;
  config.transport = transport_;
  config.node = self_;
  config.worker = worker_;
  config.observer = config_.observer;
  config.outbound = outbound;
  config.address = address;
  config.view = view_;
  config.keep_alive = config_.keep_alive;
  config.idle_timeout = config_.idle_timeout;
  config.is_probe = !probed.is_zero();
  auto peer = self_->spawn(make_peer, std::move(config));
  links_[peer.id()] = {peer, outbound, std::move(address), {}, probed};
  return peer;
}

void node_actor_state::open(const dial& message) {
  const auto& address = message.address;
  if (stopping_ || is_own_address(address) || !dialled_.insert(address).second)
    return;
  if (keeps_links())
    addresses_.on_dialling(address, now_of(self_));
  self_->send(transport_, open_link{address, spawn_peer(true, address)});
}

void node_actor_state::on_accepted(const link_accepted& message) {
  if (stopping_) {
    self_->send(transport_, close_link{message.link});
    return;
  }
  auto peer = spawn_peer(false, "inbound link " + std::to_string(message.link));
  self_->send(transport_, attach_link{message.link, std::move(peer)});
}

/// One link a peer. A second one comes about in two ways. Both sides dialled at
/// about the same time: they may see different ones first, so the link stays
/// that the smaller id opened, or they would close both. Or the other side
/// dialled again, since it knows of an end of the first link that this side has
/// not heard of (its machine lost power, say): the newer one stays.
bool node_actor_state::replaces(const remote_node& next,
                                const remote_node& current) const {
  auto fresh = links_.find(next.port.id());
  auto known = links_.find(current.port.id());
  if (fresh == links_.end() || known == links_.end())
    return known == links_.end();
  if (fresh->second.outbound == known->second.outbound
      || now_of(self_) - known->second.ready.value_or(instant{})
           > defaults::handshake_deadline)
    return true;
  return fresh->second.outbound == (config_.environment->id() < next.node);
}

void node_actor_state::on_peer_ready(const peer_ready& message) {
  const auto& peer = message.peer;
  auto now = now_of(self_);
  auto link = links_.find(peer.port.id());
  if (link == links_.end() || stopping_)
    return;
  link->second.ready = now;
  if (keeps_links() && link->second.outbound) {
    addresses_.on_connected(link->second.address, peer.node, peer.role, now,
                            wall_now_of(self_, *config_.environment));
    addresses_changed_ = true;
  }
  auto [known, first] = peers_.emplace(peer.node, peer);
  if (!first) {
    auto stays = replaces(peer, known->second);
    auto surplus = links_.find((stays ? known->second : peer).port.id());
    if (surplus != links_.end())
      self_->send(surplus->second.peer,
                  send_payload{wire::goodbye{errc::already_exists,
                                             "a second link stays"}});
    if (!stays)
      return;
    announce_gone({peer.node,
                   known->second.port.id(),
                   "a second link stays",
                   errc::already_exists,
                   {}});
    known->second = peer;
    told_.erase(peer.node);
  }
  if (worker_)
    self_->send(worker_, message);
  if (claim_sender_)
    self_->send(claim_sender_, message);
  for (const auto& [task, coordinator] : coordinators_)
    self_->send(coordinator, message);
  // Of two configs with one version, too, only one is everybody's.
  auto version = view_->config.version;
  if (peer.config_version < version
      || (peer.config_version == version && link->second.outbound))
    tell_config(peer);
  if (config_.explore || (keeps_links() && config_.exchanges_addresses))
    ask_for_addresses(peer.port);
  if (!link->second.outbound)
    expect_address(peer);
  std::erase_if(waiting_, [this](waiting_operator& one) {
    if (peers_.size() < one.count)
      return false;
    one.promise.deliver(peers_present{peers_.size()});
    return true;
  });
  arm_sweep();
}

void node_actor_state::announce_gone(const peer_gone& message) {
  if (worker_)
    self_->send(worker_, message);
  if (claim_sender_)
    self_->send(claim_sender_, message);
  for (const auto& [task, coordinator] : coordinators_)
    self_->send(coordinator, message);
}

/// Of a link to us that came to nothing: not a line for each, however many
/// there are.
void node_actor_state::tell_of_stranger(const peer_gone& message) {
  auto is_odd = message.refused_here || message.code == errc::malformed;
  if (is_odd && strangers_pace_.admits(now_of(self_)))
    log(log_level::warning,
        "peer " + message.address + ": " + message.reason
          + strangers_pace_.muted_text(),
        {{"address", message.address}});
}

void node_actor_state::on_peer_gone(const peer_gone& message) {
  add(gone_counters_, message.counters);
  links_refused_ += message.refused_here ? 1 : 0;
  auto link = links_.extract(message.peer);
  if (!link.empty() && link.mapped().outbound) {
    dialled_.erase(link.mapped().address);
    if (!link.mapped().probed.is_zero())
      note_probe_end(link.mapped(), message);
    else if (keeps_links())
      note_link_end(link.mapped(), message);
  }
  if (!link.empty() && !link.mapped().outbound && !link.mapped().ready)
    tell_of_stranger(message);
  auto found = peers_.find(message.node);
  if (found != peers_.end() && found->second.port.id() == message.peer) {
    peers_.erase(found);
    told_.erase(message.node);
    unproven_.erase(message.node);
    announce_gone(message);
    // Who says so, has not failed.
    if (!stopping_)
      log(message.code == errc::cancelled ? log_level::info
                                          : log_level::warning,
          "peer " + short_name(message.node) + " is gone: " + message.reason,
          {{"peer", to_string(message.node)}});
  }
  if (closing_until_ && links_.empty())
    end();
}

caf::typed_response_promise<peers_present>
node_actor_state::await(const await_peers& message) {
  auto promise = self_->make_response_promise<peers_present>();
  if (peers_.size() >= message.count)
    promise.deliver(peers_present{peers_.size()});
  else
    waiting_.push_back({message.count, promise});
  return promise;
}

caf::result<latency_measured> node_actor_state::ping(const ping_node& message) {
  for (const auto& [node, peer] : peers_) {
    auto link = links_.find(peer.port.id());
    if (link == links_.end())
      continue;
    // Whichever side dialled, it is meant by where it listens, too.
    if (node == message.node
        || (message.node.is_zero()
            && (link->second.address == message.address
                || peer.address == message.address)))
      return self_->delegate(link->second.peer, measure_latency{});
  }
  return answer_error(errc::unreachable, "there is no link to that node");
}

} // namespace artel
