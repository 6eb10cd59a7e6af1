// Where a node's ledger is its own: tells payees, by claims that its key signs,
// what its tasks owe them, again until one of their nodes has acknowledged it.
// Outlives the tasks, so that a task's end needn't wait for a payee that is
// away.
#pragma once

#include "actors/environment.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/economy/claim_book.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <map>
#include <vector>

namespace artel {

struct claim_sender_config {
  environment_ptr environment;
};

struct claim_sender_actor_state {
  static inline const char* name = "claim-sender";

  /// A coordinator that waits for its task's payees.
  struct waiting_task {
    task_id task;
    instant until{};
    caf::typed_response_promise<claims_settled> promise;
  };

  claim_sender_config config;
  promised_claims claims;
  /// Nodes with a link now.
  std::map<node_id, node_port> ports;
  std::vector<waiting_task> waiting;
  /// A sweep is under way.
  bool timer_runs = false;
};

claim_sender_actor::behavior_type make_claim_sender(
  claim_sender_actor::stateful_pointer<claim_sender_actor_state> self,
  claim_sender_config config);

} // namespace artel
