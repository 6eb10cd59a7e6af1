// What a node holds true of its network at one moment: the newest config, and
// its owner's own policy. Immutable; a change is a new one, which the node
// sends to its peers.
#pragma once

#include "protocol/governance/network_config.hpp"
#include "protocol/overlay/access_policy.hpp"

#include <memory>

namespace artel {

struct network_view {
  /// None (version 0) in a network without a root, and until one is known.
  network_config config;
  access_policy access;
};

using network_view_ptr = std::shared_ptr<const network_view>;

} // namespace artel
