// Which addresses the node dials by itself, which it passes on, and which it
// keeps.
#include "actors/defaults.hpp"
#include "actors/node.hpp"
#include "protocol/overlay/address.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace artel {

namespace {

/// At the other side of the open Internet, as far as can be seen: what it says
/// of addresses in our own network is of no use to us, nor ours to it.
bool is_far_away(const remote_node& peer) {
  auto seen = parse_address(peer.seen_address);
  return seen && seen->ip && is_public(*seen->ip);
}

address_book_config book_config(const node_config& config) {
  address_book_config terms;
  terms.plain_names = config.plain_addresses;
  return terms;
}

/// Dialling again soon would meet the same answer.
bool is_final(errc code) {
  return code == errc::refused || code == errc::revoked
         || code == errc::network_mismatch || code == errc::version_mismatch;
}

} // namespace

void node_actor_state::start_addresses() {
  addresses_ = address_book{book_config(config_)};
  auto now = now_of(self_);
  addresses_kept_ = now;
  for (const auto& problem :
       addresses_.replace_bootstrap(config_.bootstrap, now))
    log(log_level::warning, "bootstrap address: " + problem.message);
  addresses_.from_store(std::exchange(config_.addresses, {}), now);
  learn_seeds();
}

bool node_actor_state::is_own_address(const std::string& address) const {
  const auto& own = config_.environment->address;
  if (own.empty())
    return false;
  if (address == own)
    return true;
  auto a = addresses_.canonical(address);
  auto b = addresses_.canonical(own);
  return a && b && *a == *b;
}

address_book::link_test node_actor_state::link_test() const {
  return [this](const node_id& node) {
    return node == config_.environment->id() || peers_.contains(node);
  };
}

void node_actor_state::learn_one(const address_hint& hint) {
  if (hint.node == config_.environment->id() || is_own_address(hint.address))
    return;
  // What is malformed, too much or not for us is somebody else's fault, and
  // there may be much of it.
  static_cast<void>(addresses_.learn(hint, now_of(self_)).ok());
}

void node_actor_state::learn(const learn_addresses& message) {
  for (const auto& one : message.addresses)
    learn_one({one.address, one.node, message.source, {}, true});
  keep_links(now_of(self_));
}

// -- links of its own accord --------------------------------------------------

void node_actor_state::keep_links(instant now) {
  if (!keeps_links() || stopping_)
    return;
  std::size_t dialling = 0;
  for (const auto& [id, link] : links_)
    if (link.outbound && !link.ready && link.probed.is_zero())
      ++dialling;
  auto there = peers_.size() + dialling;
  if (there >= config_.links_target || dialling >= defaults::dials_max)
    return;
  auto wanted =
    std::min(config_.links_target - there, defaults::dials_max - dialling);
  for (const auto& address : addresses_.due(now, wanted, link_test(), random_))
    open({address});
  if (peers_.empty() || now < next_exchange_ || !config_.exchanges_addresses)
    return;
  auto chosen = peers_.begin();
  std::advance(chosen, random_.below(peers_.size()));
  ask_for_addresses(chosen->second.port);
  exchange_interval_ =
    std::min(2 * exchange_interval_, defaults::exchange_interval_last);
}

void node_actor_state::ask_for_addresses(const node_port& port) {
  self_->send(port, send_payload{wire::peer_exchange{true, {}}});
  if (exchange_interval_.count() == 0)
    exchange_interval_ = defaults::exchange_interval_first;
  next_exchange_ = now_of(self_) + exchange_interval_;
}

void node_actor_state::note_link_end(const open_link_record& link,
                                     const peer_gone& message) {
  auto now = now_of(self_);
  const auto& address = link.address;
  addresses_changed_ = true;
  if (message.node == config_.environment->id())
    addresses_.on_own(address);
  else if (is_final(message.code))
    addresses_.on_refused(address, now);
  else if (message.code == errc::already_exists)
    addresses_.on_parted(address, now);
  else if (!link.ready)
    addresses_.on_failed(address, now, random_);
  else
    addresses_.on_lost(address, now, random_);
  // Those that share a lost peer don't wait for its return.
  exchange_interval_ = milliseconds{0};
  next_exchange_ =
    std::min<instant>(next_exchange_, now + defaults::exchange_interval_first);
}

// -- what peers say -----------------------------------------------------------

void node_actor_state::on_peer_exchange(const remote_node& from,
                                        const wire::peer_exchange& message) {
  if (message.request) {
    self_->send(from.port, send_payload{addresses_for(from)});
    return;
  }
  if (!config_.exchanges_addresses)
    return;
  // Learned, not proven: the handshake shows who is really there.
  if (keeps_links()) {
    for (const auto& one : message.peers)
      learn_one({one.address, one.node, address_source::exchange, from.node,
                 !is_far_away(from)});
    keep_links(now_of(self_));
  } else if (config_.explore) {
    for (const auto& one : message.peers)
      if (one.node != config_.environment->id() && !peers_.contains(one.node))
        open({one.address});
  }
}

wire::peer_exchange node_actor_state::addresses_for(const remote_node& from) {
  wire::peer_exchange answer;
  if (!config_.exchanges_addresses)
    return answer;
  if (keeps_links()) {
    answer.peers = addresses_.proven(limits::peers_per_exchange_max,
                                     !is_far_away(from), random_);
    std::erase_if(answer.peers, [&from](const wire::peer_address& one) {
      return one.node == from.node;
    });
    return answer;
  }
  // Nodes that are told what to dial belong to one operator: nobody lies.
  for (const auto& [node, peer] : peers_) {
    if (node == from.node || peer.address.empty())
      continue;
    answer.peers.push_back({node, peer.role, peer.address});
    if (answer.peers.size() == limits::peers_per_exchange_max)
      break;
  }
  return answer;
}

/// It dialled us, so nobody knows whether its address is right.
void node_actor_state::expect_address(const remote_node& peer) {
  if (!keeps_links() || peer.address.empty() || is_own_address(peer.address))
    return;
  unproven_[peer.node] = {peer.address, !is_far_away(peer), now_of(self_), 0};
}

/// A link that only asks who is there: the one in use stays as it is.
void node_actor_state::probe_addresses(instant now) {
  auto running =
    std::count_if(links_.begin(), links_.end(),
                  [](const auto& one) { return !one.second.probed.is_zero(); });
  for (auto& [node, one] : unproven_) {
    if (static_cast<std::size_t>(running) >= defaults::probes_max)
      return;
    if (now < one.next || one.attempts >= defaults::probe_attempts_max)
      continue;
    one.next = now + defaults::probe_interval * (1u << one.attempts++);
    auto learned = addresses_.learn(
      {one.address, node, address_source::exchange, node, one.local_allowed},
      now);
    if (!learned || !dialled_.insert(one.address).second)
      continue;
    addresses_.on_dialling(one.address, now);
    self_->send(transport_,
                open_link{one.address, spawn_peer(true, one.address, node)});
    ++running;
  }
}

void node_actor_state::note_probe_end(const open_link_record& link,
                                      const peer_gone& message) {
  if (message.node.is_zero() || message.node != link.probed) {
    note_link_end(link, message);
    return;
  }
  auto now = now_of(self_);
  auto peer = peers_.find(message.node);
  auto role =
    peer == peers_.end() ? wire::node_role::public_ : peer->second.role;
  addresses_.on_connected(link.address, message.node, role, now,
                          wall_now_of(self_, *config_.environment));
  addresses_.on_parted(link.address, now);
  addresses_changed_ = true;
  unproven_.erase(message.node);
}

// -- over restarts ------------------------------------------------------------

void node_actor_state::keep_addresses(instant now, bool at_once) {
  if (!config_.storage || !addresses_changed_
      || (!at_once
          && now - addresses_kept_ < defaults::addresses_kept_interval))
    return;
  addresses_changed_ = false;
  addresses_kept_ = now;
  config_.storage->keep_addresses(addresses_.to_store());
}

} // namespace artel
