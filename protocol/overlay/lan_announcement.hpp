// "Here I am", by which nodes of one local network find each other: one
// datagram, by broadcast and multicast. Whoever hears it dials the address it
// came from; who is there, the handshake proves. The signature keeps strangers
// from making nodes dial each other in others' names.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/identity/keys.hpp"
#include "protocol/wire/fields.hpp"
#include "protocol/wire/messages.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace artel {

/// A datagram that is longer is none. Never fragmented on any link.
inline constexpr std::size_t lan_announcement_bytes_max = 512;

/// A datagram is the canonical encoding alone.
struct lan_announcement {
  static constexpr std::string_view type_name = "lan_announcement";

  std::string network;
  node_id node;
  wire::node_role role = wire::node_role::public_;
  /// Where it listens for links, at the address that the datagram came from.
  std::uint16_t port = 0;
  /// Counts up, over restarts too: begins with the calendar's milliseconds.
  std::uint64_t sequence = 0;
  wall_time sent{};
  /// Over announcement_digest(), by the node.
  signature node_signature;

  bool operator==(const lan_announcement&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("node", self.node);
    visit("role", self.role);
    visit("port", self.port);
    visit("sequence", self.sequence);
    visit("sent", self.sent);
    visit("node_signature", self.node_signature);
  }
};

/// The canonical encoding with the signature zeroed, in the domain
/// "artel.lan-announcement.v1".
hash256 announcement_digest(const lan_announcement& item);

/// Fills in the node and the signature.
void sign_announcement(lan_announcement& item, const key_pair& node);

/// Takes each announcement once. Bounded memory: remembers as many nodes as
/// given, each until its announcements are too old anyway.
class announcement_filter {
public:
  announcement_filter(std::string network, const node_id& self,
                      std::size_t nodes_max = 1024)
    : network_(std::move(network)),
      self_(self),
      nodes_max_(nodes_max) {}

  /// Whether it is news. Errors: network_mismatch; refused (our own);
  /// out_of_range (port 0, or sent more than clock_error_max from now);
  /// replayed; bad_signature. The cheap checks come first.
  result<void> admit(const lan_announcement& item, wall_time now);

  std::size_t size() const noexcept { return seen_.size(); }
  void check_invariants() const;

private:
  struct seen {
    std::uint64_t sequence = 0;
    wall_time sent{};
  };

  void make_room(wall_time now);

  std::string network_;
  node_id self_;
  std::size_t nodes_max_;
  std::map<node_id, seen> seen_;
};

} // namespace artel
