// The network's config and the owner's policy: who may be linked with, and what
// others owe.
#include "actors/node.hpp"

#include <utility>

namespace artel {

void node_actor_state::start_network() {
  const auto& environment = *config_.environment;
  auto view = std::exchange(config_.view, {});
  if (!view.config.is_none()) {
    auto sound =
      check_config(view.config, environment.network, environment.root,
                   wall_now_of(self_, environment));
    if (!sound) {
      log(log_level::error, "the network config that was kept is left aside: "
                              + sound.error().message);
      view.config = {};
    }
  }
  set_view(std::move(view));
  for (const auto& claim : std::exchange(config_.claims, {}))
    claims_.restore(claim);
}

void node_actor_state::set_view(network_view view) {
  config_digest_ =
    view.config.is_none() ? hash256{} : config_digest(view.config);
  auto floor = view_ ? view_->config.price_floor : credits{};
  view_ = std::make_shared<const network_view>(std::move(view));
  for (const auto& [id, link] : links_)
    self_->send(link.peer, network_changed{view_});
  if (view_->config.price_floor == floor)
    return;
  if (worker_)
    self_->send(worker_, network_changed{view_});
  for (const auto& [task, coordinator] : coordinators_)
    self_->send(coordinator, network_changed{view_});
}

void node_actor_state::learn_seeds() {
  if (view_->config.is_none())
    return;
  std::vector<address_hint> hints;
  for (const auto& seed : view_->config.seeds)
    if (seed.node != config_.environment->id() && !is_own_address(seed.address))
      hints.push_back(
        {seed.address, seed.node, address_source::seed, {}, true});
  for (const auto& problem : addresses_.replace_seeds(hints, now_of(self_)))
    log(log_level::warning, "a seed's address: " + problem.message);
}

/// already_exists where the present one is as new.
result<void> node_actor_state::adopt(const network_config& next) {
  const auto& environment = *config_.environment;
  if (environment.root.is_zero())
    return {errc::refused, "this node knows no root key of network '"
                             + environment.network
                             + "', so it takes no config"};
  if (!supersedes(next, view_->config)) {
    auto version =
      "version " + std::to_string(next.version) + " of the network config ";
    auto known = "version " + std::to_string(view_->config.version);
    return {errc::already_exists,
            next.version > view_->config.version
              ? version + "is signed by a seed that " + known + " revokes"
              : version + "is no newer than " + known + ", which is known"};
  }
  auto sound = check_config(next, environment.network, environment.root,
                            wall_now_of(self_, environment));
  if (!sound)
    return sound;
  auto view = *view_;
  view.config = next;
  // Peers that it keeps out now are closed before they could be told.
  set_view(std::move(view));
  if (config_.storage)
    config_.storage->keep_config(next);
  log(log_level::info, "version " + std::to_string(next.version)
                         + " of the network config is in force");
  for (const auto& node : next.revoked_nodes)
    addresses_.forget(node);
  learn_seeds();
  addresses_.retry_refused(now_of(self_), random_);
  return {};
}

void node_actor_state::tell_config(const remote_node& peer) {
  if (view_->config.is_none())
    return;
  auto& told = told_[peer.node];
  if (std::exchange(told, config_digest_) != config_digest_)
    self_->send(peer.port, send_payload{wire::network_update{view_->config}});
}

network_answer node_actor_state::update(const update_network& message) {
  auto before = view_->config.version;
  auto adopted = adopt(message.config);
  if (adopted) {
    for (const auto& [node, peer] : peers_)
      tell_config(peer);
    return {std::nullopt, before, view_->config.version};
  }
  auto is_known =
    !view_->config.is_none() && config_digest(message.config) == config_digest_;
  if (is_known)
    return {std::nullopt, before, before};
  return {adopted.error(), before, before};
}

void node_actor_state::on_network_update(const remote_node& from,
                                         const wire::network_update& message) {
  auto known = peers_.find(from.node);
  if (known == peers_.end() || known->second.port.id() != from.port.id())
    return;
  auto adopted = adopt(message.config);
  if (adopted) {
    told_[from.node] = config_digest_;
    for (const auto& [node, peer] : peers_)
      tell_config(peer);
    return;
  }
  auto code = adopted.error().code;
  if (code == errc::already_exists) {
    if (supersedes(view_->config, message.config))
      tell_config(known->second);
    return;
  }
  // A clock that is off, or a root that this node was not told, is not the
  // peer's fault; all else an honest node would not have passed on.
  if (code == errc::timed_out || code == errc::refused)
    return;
  log(log_level::warning,
      "peer " + short_name(from.node)
        + " sent a network config that does not hold: "
        + adopted.error().message,
      {{"peer", to_string(from.node)}});
  self_->send(from.port,
              send_payload{wire::goodbye{code, adopted.error().message}});
}

void node_actor_state::change(const change_settings& message) {
  auto now = now_of(self_);
  config_.links_target = message.links_target;
  config_.bootstrap = message.bootstrap;
  for (const auto& problem :
       addresses_.replace_bootstrap(message.bootstrap, now))
    log(log_level::warning, "bootstrap address: " + problem.message);
  if (message.access != view_->access) {
    auto view = *view_;
    view.access = message.access;
    set_view(std::move(view));
    addresses_.retry_refused(now, random_);
  }
  keep_links(now);
  arm_sweep();
}

void node_actor_state::on_payment(const remote_node& from,
                                  const wire::payment& message) {
  const auto& environment = *config_.environment;
  const auto& claim = message.claim;
  auto before = claims_.known(claim.payer_owner, claim.task);
  auto taken = claims_.take(claim, from.node, from.owner, environment.owner,
                            environment.network);
  if (!taken) {
    log(log_level::warning,
        "peer " + short_name(from.node)
          + " sent a claim that does not hold: " + taken.error().message,
        {{"peer", to_string(from.node)}});
    self_->send(from.port, send_payload{wire::goodbye{taken.error().code,
                                                      taken.error().message}});
    return;
  }
  if (config_.storage && claim.amount > before)
    config_.storage->keep_claim(claim);
  self_->send(from.port, send_payload{wire::payment_ack{claim.task, *taken}});
}

} // namespace artel
