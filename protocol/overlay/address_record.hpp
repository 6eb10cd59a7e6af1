// Where a node might be reached, as it is kept over restarts.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>

namespace artel {

/// Who named an address.
enum class address_source : std::uint8_t {
  /// The node's own settings: never forgotten.
  bootstrap = 1,
  /// The network config's seeds.
  seed = 2,
  /// An announcement on the local network.
  lan = 3,
  /// A peer's exchange.
  exchange = 4,
  /// An earlier life of this node.
  stored = 5,
};

struct address_record {
  /// "host:port", "[v6]:port".
  std::string address;
  /// Whom a handshake there proved; zero: nobody so far.
  node_id node;
  address_source source = address_source::stored;
  /// Of the latest handshake; zero: none.
  wall_time last_success{};

  bool operator==(const address_record&) const = default;
};

} // namespace artel
