#include "actors/node.hpp"

#include "actors/answer_error.hpp"
#include "actors/claim_sender.hpp"
#include "actors/coordinator.hpp"
#include "actors/logging.hpp"

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
  if (config_.pays_by_claim)
    claim_sender_ =
      self->spawn(make_claim_sender, claim_sender_config{config_.environment});
  start_network();
  start_addresses();
  transport_ = config_.transport(self->system(), self);
  keep_links(now_of(self));
  arm_sweep();
}

void node_actor_state::log(log_level level, std::string message,
                           std::vector<log_field> fields) {
  log_line(config_.observer, *config_.environment, level, std::move(message),
           std::move(fields));
}

// -- what peers ask -----------------------------------------------------------

void node_actor_state::on_message(peer_message& message) {
  const auto& from = message.from;
  if (auto* exchange = std::get_if<wire::peer_exchange>(&message.payload))
    on_peer_exchange(from, *exchange);
  else if (auto* news = std::get_if<wire::network_update>(&message.payload))
    on_network_update(from, *news);
  else if (auto* owed = std::get_if<wire::payment>(&message.payload))
    on_payment(from, *owed);
  else if (claim_sender_
           && std::holds_alternative<wire::payment_ack>(message.payload))
    self_->send(claim_sender_, std::move(message));
}

// -- tasks --------------------------------------------------------------------

caf::result<task_accepted> node_actor_state::submit(submit_task& message) {
  if (stopping_ || draining_)
    return answer_error(errc::refused,
                        stopping_ ? "this node stops and takes no tasks"
                                  : "this node is draining and takes no tasks");
  auto task = random_.id<task_id>();
  for (const auto& bundle : message.bundles) {
    auto& served = bundles_[hash_of(*bundle)];
    if (!served.encoded) {
      served.encoded = std::make_shared<const blob_content>(
        std::make_shared<const bytes>(encode_bundle(*bundle)));
      config_.environment->blobs->put(served.encoded);
    }
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
  config.claim_sender = claim_sender_;
  config.awaits_peers = config_.links_target > 0 || !config_.bootstrap.empty();
  config.price_floor = view_->config.price_floor;
  auto coordinator = self_->spawn(make_coordinator, std::move(config));
  coordinators_.emplace(task, coordinator);
  return task_accepted{task, coordinator};
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
  watch_drain(now_of(self_));
  stop_if_idle();
}

node_actor::behavior_type make_node(node_actor_state::pointer self,
                                    node_config config) {
  self->state.start(self, std::move(config));
  auto& state = self->state;
  return {
    [&state](const dial& m) { state.open(m); },
    [&state](const learn_addresses& m) { state.learn(m); },
    [&state](const update_network& m) { return state.update(m); },
    [&state](const change_settings& m) { state.change(m); },
    [&state](const query_node&) { return state.query(); },
    [&state](const drain_node& m) { return state.drain(m); },
    [&state](const ping_node& m) { return state.ping(m); },
    [&state](const sweep&) { state.on_sweep(); },
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
