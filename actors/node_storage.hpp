// What a node keeps beyond its own life. Not an actor: asked at the start, told
// of changes now and then, and may take as long as a disk does. Failing to keep
// something is the implementation's to tell; the node goes on.
#pragma once

#include "protocol/economy/payment_claim.hpp"
#include "protocol/governance/network_config.hpp"
#include "protocol/overlay/address_record.hpp"

#include <vector>

namespace artel {

class node_storage {
public:
  virtual ~node_storage() = default;

  /// All addresses worth trying after a restart; replaces what was kept.
  virtual void keep_addresses(const std::vector<address_record>& addresses) = 0;
  /// The network's newest config.
  virtual void keep_config(const network_config& config) = 0;
  /// What others owe this node's owner: the newest claim of (payer, task).
  virtual void keep_claim(const payment_claim& claim) = 0;
};

} // namespace artel
