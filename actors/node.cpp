#include "actors/node.hpp"

#include "actors/coordinator.hpp"
#include "actors/defaults.hpp"
#include "actors/logging.hpp"
#include "actors/peer.hpp"

#include <algorithm>
#include <utility>

namespace artel {

node_actor_state::node_actor_state()
  : random_(random_generator::from_number(0)) {
}

void node_actor_state::start(pointer self, node_config config) {
  self_ = self;
  config_ = std::move(config);
  random_ = random_generator{config_.random_seed};
  if (config_.worker)
    worker_ = self->spawn(make_worker, std::move(*config_.worker));
  transport_ = config_.transport(self->system(), self);
}

// -- links --------------------------------------------------------------------

peer_actor node_actor_state::spawn_peer(bool outbound, std::string address) {
  auto peer = self_->spawn(
    make_peer, peer_config{config_.environment, transport_, self_, worker_,
                           config_.observer, outbound, address});
  links_[peer.id()] = {peer, outbound, std::move(address), {}};
  return peer;
}

void node_actor_state::open(const dial& message) {
  if (stopping_ || message.address == config_.environment->address
      || !dialled_.insert(message.address).second)
    return;
  auto peer = spawn_peer(true, message.address);
  self_->send(transport_, open_link{message.address, std::move(peer)});
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
      || now_of(self_) - known->second.ready > defaults::handshake_deadline)
    return true;
  return fresh->second.outbound == (config_.environment->id() < next.node);
}

void node_actor_state::on_peer_ready(const peer_ready& message) {
  const auto& peer = message.peer;
  if (auto link = links_.find(peer.port.id()); link != links_.end())
    link->second.ready = now_of(self_);
  auto [known, first] = peers_.emplace(peer.node, peer);
  if (!first) {
    auto stays = replaces(peer, known->second);
    auto surplus = links_.find((stays ? known->second : peer).port.id());
    if (surplus != links_.end())
      self_->send(surplus->second.peer, stop_actor{});
    if (!stays)
      return;
    announce_gone({peer.node, known->second.port.id(), "a second link stays"});
    known->second = peer;
  }
  for (const auto& [task, coordinator] : coordinators_)
    self_->send(coordinator, message);
  if (config_.explore)
    self_->send(peer.port, send_payload{wire::peer_exchange{true, {}}});
  std::erase_if(waiting_, [this](waiting_operator& one) {
    if (peers_.size() < one.count)
      return false;
    one.promise.deliver(peers_present{peers_.size()});
    return true;
  });
}

void node_actor_state::announce_gone(const peer_gone& message) {
  if (worker_)
    self_->send(worker_, message);
  for (const auto& [task, coordinator] : coordinators_)
    self_->send(coordinator, message);
}

void node_actor_state::on_peer_gone(const peer_gone& message) {
  auto link = links_.extract(message.peer);
  if (!link.empty() && link.mapped().outbound)
    dialled_.erase(link.mapped().address);
  auto found = peers_.find(message.node);
  if (found == peers_.end() || found->second.port.id() != message.peer)
    return;
  peers_.erase(found);
  announce_gone(message);
  if (!stopping_)
    log_line(config_.observer, *config_.environment, log_level::warning,
             "peer " + short_name(message.node)
               + " is gone: " + message.reason);
}

void node_actor_state::on_message(peer_message& message) {
  if (auto* exchange = std::get_if<wire::peer_exchange>(&message.payload))
    on_peer_exchange(message.from, *exchange);
  else if (auto* request = std::get_if<wire::bundle_request>(&message.payload))
    on_bundle_request(message.from, *request);
}

void node_actor_state::on_peer_exchange(const remote_node& from,
                                        const wire::peer_exchange& message) {
  if (!message.request) {
    if (!config_.explore)
      return;
    // Learned, not proven: the handshake shows who is really there.
    for (const auto& one : message.peers)
      if (one.node != config_.environment->id() && !peers_.contains(one.node))
        open({one.address});
    return;
  }
  wire::peer_exchange answer;
  for (const auto& [node, peer] : peers_) {
    if (node == from.node || peer.address.empty())
      continue;
    answer.peers.push_back({node, peer.role, peer.address});
    if (answer.peers.size() == limits::peers_per_exchange_max)
      break;
  }
  self_->send(from.port, send_payload{std::move(answer)});
}

void node_actor_state::on_bundle_request(const remote_node& from,
                                         const wire::bundle_request& message) {
  wire::bundle_piece piece;
  piece.bundle = message.bundle;
  piece.offset = message.offset;
  auto found = bundles_.find(message.bundle);
  if (found != bundles_.end()
      && message.offset < found->second.encoded->size()) {
    const auto& encoded = *found->second.encoded;
    piece.total_bytes = encoded.size();
    auto from_byte =
      encoded.begin() + static_cast<std::ptrdiff_t>(message.offset);
    auto count =
      std::min(limits::bundle_piece_bytes, encoded.size() - message.offset);
    piece.data.assign(from_byte,
                      from_byte + static_cast<std::ptrdiff_t>(count));
  }
  self_->send(from.port, send_payload{std::move(piece)});
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

// -- tasks --------------------------------------------------------------------

task_accepted node_actor_state::submit(submit_task& message) {
  auto task = random_.id<task_id>();
  for (const auto& bundle : message.bundles) {
    auto& served = bundles_[hash_of(*bundle)];
    if (!served.encoded)
      served.encoded = std::make_shared<const bytes>(encode_bundle(*bundle));
    served.tasks.insert(task);
  }
  coordinator_config config;
  config.environment = config_.environment;
  config.node = self_;
  config.ledger = config_.ledger;
  config.task = task;
  config.submission = std::move(message);
  for (const auto& [node, peer] : peers_)
    config.peers.push_back(peer);
  config.book = book_;
  config.random_seed = random_.next();
  auto coordinator = self_->spawn(make_coordinator, std::move(config));
  coordinators_.emplace(task, coordinator);
  return {task, coordinator};
}

void node_actor_state::on_outcomes(const record_outcomes& message) {
  for (const auto& one : message.outcomes)
    book_.record(one.owner, one.kind, one.when);
}

void node_actor_state::on_task_ended(const task_ended& message) {
  coordinators_.erase(message.task);
  for (auto it = bundles_.begin(); it != bundles_.end();) {
    it->second.tasks.erase(message.task);
    it = it->second.tasks.empty() ? bundles_.erase(it) : std::next(it);
  }
  stop_if_idle();
}

void node_actor_state::stop() {
  if (std::exchange(stopping_, true))
    return;
  for (const auto& [task, coordinator] : coordinators_)
    self_->send(coordinator, cancel_task{});
  stop_if_idle();
}

/// Tasks end first, then runs, then links: what is settled still goes out.
void node_actor_state::stop_if_idle() {
  if (!stopping_ || !coordinators_.empty())
    return;
  if (worker_)
    self_->send(worker_, stop_actor{});
  for (const auto& [id, link] : links_)
    self_->send(link.peer, stop_actor{});
  self_->send(transport_, stop_actor{});
  self_->quit();
}

node_actor::behavior_type make_node(node_actor_state::pointer self,
                                    node_config config) {
  self->state.start(self, std::move(config));
  auto& state = self->state;
  return {
    [&state](const dial& m) { state.open(m); },
    [&state](const link_accepted& m) { state.on_accepted(m); },
    [&state](const peer_ready& m) { state.on_peer_ready(m); },
    [&state](const peer_gone& m) { state.on_peer_gone(m); },
    [&state](peer_message& m) { state.on_message(m); },
    [&state](const await_peers& m) { return state.await(m); },
    [&state](submit_task& m) { return state.submit(m); },
    [&state](const record_outcomes& m) { state.on_outcomes(m); },
    [&state](const task_ended& m) { state.on_task_ended(m); },
    [&state](const stop_actor&) { state.stop(); },
  };
}

} // namespace artel
