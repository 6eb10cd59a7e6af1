// One node: starts and stops its actors in order, keeps one link a peer, learns
// addresses, serves its tasks' bundles, and keeps its owner's book of whom it
// worked with.
#pragma once

#include "actors/environment.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "actors/worker.hpp"
#include "protocol/core/random.hpp"
#include "protocol/reputation/reputation_book.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace artel {

struct node_config {
  environment_ptr environment;
  ledger_actor ledger;
  observer_actor observer;
  /// Starts the node's transport, which reports accepted links to the node.
  std::function<transport_actor(caf::actor_system&, const node_actor&)>
    transport;
  /// Unset on nodes that run no jobs.
  std::optional<worker_config> worker;
  random_generator::seed_type random_seed{};
  /// Ask peers for further addresses, and dial them.
  bool explore = false;
};

class node_actor_state {
public:
  static inline const char* name = "node";

  using pointer = node_actor::stateful_pointer<node_actor_state>;

  node_actor_state();

  void start(pointer self, node_config config);
  void open(const dial& message);
  void on_accepted(const link_accepted& message);
  void on_peer_ready(const peer_ready& message);
  void on_peer_gone(const peer_gone& message);
  void on_message(peer_message& message);
  caf::typed_response_promise<peers_present> await(const await_peers& message);
  task_accepted submit(submit_task& message);
  void on_outcomes(const record_outcomes& message);
  void on_task_ended(const task_ended& message);
  void stop();

  /// What this node thinks of owners it worked with.
  const reputation_book& book() const noexcept { return book_; }
  /// Nodes with a finished handshake.
  const std::map<node_id, remote_node>& peers() const noexcept {
    return peers_;
  }

private:
  struct waiting_operator {
    std::size_t count = 0;
    caf::typed_response_promise<peers_present> promise;
  };

  /// A proxy, ready or not, and where its link leads.
  struct open_link_record {
    peer_actor peer;
    bool outbound = false;
    std::string address;
    /// When the handshake was done.
    instant ready{};
  };

  /// A bundle of tasks that run: encoded once, sent in pieces.
  struct served_bundle {
    std::shared_ptr<const bytes> encoded;
    std::set<task_id> tasks;
  };

  peer_actor spawn_peer(bool outbound, std::string address);
  bool replaces(const remote_node& next, const remote_node& current) const;
  void announce_gone(const peer_gone& message);
  void on_peer_exchange(const remote_node& from,
                        const wire::peer_exchange& message);
  void on_bundle_request(const remote_node& from,
                         const wire::bundle_request& message);
  void stop_if_idle();

  pointer self_ = nullptr;
  node_config config_;
  random_generator random_;
  transport_actor transport_;
  worker_actor worker_;
  /// Every proxy, by actor id.
  std::map<caf::actor_id, open_link_record> links_;
  /// The one proxy in use a node.
  std::map<node_id, remote_node> peers_;
  /// Addresses dialled, while their link is there: each is dialled once.
  std::set<std::string> dialled_;
  std::vector<waiting_operator> waiting_;
  std::map<task_id, coordinator_actor> coordinators_;
  std::map<hash256, served_bundle> bundles_;
  reputation_book book_;
  bool stopping_ = false;
};

node_actor::behavior_type make_node(node_actor_state::pointer self,
                                    node_config config);

} // namespace artel
