// The network's accounts. One ledger serves a network that is its own witness:
// one node, or all nodes of one process.
#pragma once

#include "actors/environment.hpp"
#include "actors/interfaces.hpp"
#include "protocol/economy/account_table.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace artel {

struct ledger_config {
  /// The network's calendar.
  std::function<wall_time(instant)> wall_clock;
  /// Whoever is paid gets an account, with nothing on it: for a ledger that is
  /// one node's own view of a network.
  bool opens_payees = false;
};

struct ledger_actor_state {
  static inline const char* name = "ledger";

  ledger_config config;
  account_table accounts;
};

ledger_actor::behavior_type
make_ledger(ledger_actor::stateful_pointer<ledger_actor_state> self,
            ledger_config config);

} // namespace artel
