// What a node's actors share: who the node is, and the seams to the world
// outside (the calendar, randomness). Immutable once the node runs.
#pragma once

#include "actors/blob_shelf.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/identity/certificates.hpp"
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
  /// The account that earns and pays for this node: owner_of(id, ownership).
  owner_id owner;
  /// What it shows of itself in greetings; none where it has none.
  owner_certificate ownership;
  seed_certificate seed;
  join_token token;
  /// The network's root key; zero: a network without one.
  owner_id root;
  /// The one seam to the calendar: virtual in a simulated world.
  std::function<wall_time(instant)> wall_clock;
  /// What the node has to give; the one part that changes while it runs.
  std::shared_ptr<blob_shelf> blobs = std::make_shared<blob_shelf>();

  node_id id() const { return key->node(); }
};

using environment_ptr = std::shared_ptr<const node_environment>;

/// Makes it a node of this owner, with a certificate that outlasts every world
/// that makes its own keys.
inline void set_owner(node_environment& environment, const key_pair& owner,
                      wall_time issued) {
  owner_certificate item;
  item.node = environment.id();
  item.network = environment.network;
  item.issued = issued;
  item.expires = issued + std::chrono::hours{24 * 365 * 100};
  sign_certificate(item, owner);
  environment.ownership = item;
  environment.owner = item.owner;
}

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
