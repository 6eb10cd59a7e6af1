// What a node's actors share: who the node is, and the seams to the world
// outside (the calendar, randomness). Immutable once the node runs.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/identity/keys.hpp"
#include "protocol/wire/messages.hpp"

#include <caf/actor_clock.hpp>

#include <functional>
#include <memory>
#include <string>

namespace artel {

struct node_environment {
  std::string network;
  std::string display_name;
  std::string address;
  wire::node_role role = wire::node_role::public_;
  /// The node's own key; its id is the public half.
  std::shared_ptr<const key_pair> key;
  /// The account that earns and pays for this node.
  owner_id owner;
  /// The one seam to the calendar: virtual in a simulated world.
  std::function<wall_time(instant)> wall_clock;

  node_id id() const { return key->node(); }
};

using environment_ptr = std::shared_ptr<const node_environment>;

/// The actor clock's time as the rules take it. Every actor's only clock.
template <class Self>
instant now_of(Self* self) {
  auto since_start = self->clock().now().time_since_epoch();
  return instant{std::chrono::duration_cast<microseconds>(since_start)};
}

template <class Self>
wall_time wall_now_of(Self* self, const node_environment& environment) {
  return environment.wall_clock(now_of(self));
}

} // namespace artel
