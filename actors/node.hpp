// One node: starts and stops its actors in order, keeps one link a peer, learns
// addresses, serves its tasks' bundles, and keeps its owner's book of whom it
// worked with.
#pragma once

#include "actors/environment.hpp"
#include "actors/interfaces.hpp"
#include "actors/log_pace.hpp"
#include "actors/messages.hpp"
#include "actors/network_view.hpp"
#include "actors/node_storage.hpp"
#include "actors/worker.hpp"
#include "protocol/core/random.hpp"
#include "protocol/economy/claim_book.hpp"
#include "protocol/overlay/address_book.hpp"
#include "protocol/reputation/reputation_book.hpp"

#include <caf/result.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <cstdint>
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
  /// Dial by itself, and again, to keep so many links; 0: only what it is told.
  std::size_t links_target = 0;
  /// Tell peers of other peers; and ask them, where it dials by itself.
  bool exchanges_addresses = true;
  std::vector<std::string> bootstrap;
  /// Addresses that were kept from an earlier life.
  std::vector<address_record> addresses;
  network_view view;
  /// May be null.
  std::shared_ptr<node_storage> storage;
  /// Of links; see peer_config.
  milliseconds keep_alive{0};
  milliseconds idle_timeout{0};
  /// Its ledger is its own: what its tasks owe goes to the payees as claims.
  bool pays_by_claim = false;
  /// What others owed its owner in an earlier life.
  std::vector<payment_claim> claims;
  /// Addresses are names of any kind, as in memory and in simulated worlds;
  /// else "host:port".
  bool plain_addresses = false;
};

class node_actor_state {
public:
  static inline const char* name = "node";

  using pointer = node_actor::stateful_pointer<node_actor_state>;

  node_actor_state();

  void start(pointer self, node_config config);
  void on_message(peer_message& message);
  caf::result<task_accepted> submit(submit_task& message);
  void on_outcomes(const record_outcomes& message);
  void on_task_ended(const task_ended& message);
  void on_sweep();
  void stop();

  // Links (node_links.cpp).
  void open(const dial& message);
  void on_accepted(const link_accepted& message);
  void on_peer_ready(const peer_ready& message);
  void on_peer_gone(const peer_gone& message);
  caf::typed_response_promise<peers_present> await(const await_peers& message);
  caf::result<latency_measured> ping(const ping_node& message);

  // Addresses (node_addresses.cpp).
  void learn(const learn_addresses& message);

  // The network and its rules (node_network.cpp).
  network_answer update(const update_network& message);
  void change(const change_settings& message);

  // How it is, and its end (node_status.cpp).
  caf::typed_response_promise<node_status> query();
  caf::typed_response_promise<node_drained> drain(const drain_node& message);

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
    /// When the handshake was done; unset before.
    std::optional<instant> ready = {};
    /// Not zero: it only finds out whether this node is there.
    node_id probed = {};
  };

  /// Where a peer says that it listens: not passed on before it was tried.
  struct unproven_address {
    std::string address;
    bool local_allowed = true;
    instant next{};
    std::uint32_t attempts = 0;
  };

  struct waiting_drain {
    instant until{};
    caf::typed_response_promise<node_drained> promise;
  };

  /// A bundle of tasks that run: encoded once, on the node's shelf.
  struct served_bundle {
    std::shared_ptr<const blob_content> encoded;
    std::set<task_id> tasks;
  };

  peer_actor spawn_peer(bool outbound, std::string address,
                        const node_id& probed = {});
  bool replaces(const remote_node& next, const remote_node& current) const;
  void announce_gone(const peer_gone& message);
  void tell_of_stranger(const peer_gone& message);
  void log(log_level level, std::string message,
           std::vector<log_field> fields = {});

  bool keeps_links() const { return config_.links_target > 0; }
  void start_addresses();
  address_book::link_test link_test() const;
  bool is_own_address(const std::string& address) const;
  void learn_one(const address_hint& hint);
  void keep_links(instant now);
  void ask_for_addresses(const node_port& port);
  void on_peer_exchange(const remote_node& from,
                        const wire::peer_exchange& message);
  wire::peer_exchange addresses_for(const remote_node& from);
  void expect_address(const remote_node& peer);
  void probe_addresses(instant now);
  void note_link_end(const open_link_record& link, const peer_gone& message);
  void note_probe_end(const open_link_record& link, const peer_gone& message);
  void keep_addresses(instant now, bool at_once);

  void start_network();
  void set_view(network_view view);
  void learn_seeds();
  result<void> adopt(const network_config& next);
  void tell_config(const remote_node& peer);
  void on_network_update(const remote_node& from,
                         const wire::network_update& message);
  void on_payment(const remote_node& from, const wire::payment& message);

  void watch_drain(instant now);
  void ask_worker_what_is_left();
  bool needs_sweep() const;
  void arm_sweep();
  void stop_if_idle();
  void end();

  pointer self_ = nullptr;
  node_config config_;
  random_generator random_;
  transport_actor transport_;
  worker_actor worker_;
  /// Null where the ledger is everybody's.
  claim_sender_actor claim_sender_;
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

  address_book addresses_;
  bool addresses_changed_ = false;
  instant addresses_kept_{};
  /// Of peers that dialled us.
  std::map<node_id, unproven_address> unproven_;
  /// When a node with too few links asks for addresses again.
  instant next_exchange_{};
  milliseconds exchange_interval_{0};

  network_view_ptr view_;
  hash256 config_digest_;
  /// Which config each peer was told, or told us.
  std::map<node_id, hash256> told_;
  received_claims claims_;

  /// Of links that are gone.
  peer_counters gone_counters_;
  log_pace strangers_pace_;
  std::uint64_t links_refused_ = 0;

  bool draining_ = false;
  std::vector<waiting_drain> drains_;
  /// What the worker still had when it was asked; unset while it is not known.
  std::optional<std::uint64_t> worker_left_;
  bool worker_asked_ = false;

  bool sweep_armed_ = false;
  bool stopping_ = false;
  /// Nothing is left but links that say goodbye, until then.
  std::optional<instant> closing_until_;
};

node_actor::behavior_type make_node(node_actor_state::pointer self,
                                    node_config config);

} // namespace artel
