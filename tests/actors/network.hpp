// The simulated links of a test world: one object that knows every link, and a
// transport actor a node. Loses, duplicates, delays (and thereby reorders)
// frames by a seed, cuts nodes off and breaks links. For the testing scheduler
// alone: everything happens on one thread.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/core/random.hpp"

#include <caf/actor_system.hpp>

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>

namespace artel::testing {

/// What happens to a frame, each drawn apart.
struct link_faults {
  /// In parts per million.
  std::int32_t loss = 0;
  std::int32_t duplication = 0;
  /// Uniform between the two; frames overtake each other where they differ.
  milliseconds delay_min{0};
  milliseconds delay_max{0};
};

class network {
public:
  explicit network(std::uint64_t seed)
    : random(random_generator::from_number(seed)) {}

  /// Sees every frame before its fate; may change it. False: it is lost.
  using frame_tap = std::function<bool(const std::string& from,
                                       const std::string& to, bytes& frame)>;

  random_generator random;
  link_faults faults;
  /// Nothing goes from or to these addresses; their links stay up.
  std::set<std::string> cut_off;
  frame_tap tap;
  std::uint64_t frames_sent = 0;
  /// What links prove of who is at an address, and where it seems to be:
  /// nothing for addresses that are not listed.
  std::map<std::string, node_id> proven;
  std::map<std::string, std::string> seen_as;
  /// Links that were opened to an address, whether anybody listens or not.
  std::map<std::string, std::size_t> dials;

  /// Closes every link of an address; both ends hear it.
  void break_links(const std::string& address);

  std::size_t link_count() const { return links_.size(); }

  // -- for transports ---------------------------------------------------------

  struct listener {
    transport_actor transport;
    node_actor node;
  };
  std::map<std::string, listener> listeners;

  void open(const std::string& from, const open_link& message);
  void attach(const attach_link& message);
  /// Whom to tell at the other end, if anyone.
  peer_actor close(link_id id);
  void leave(const std::string& address);

  struct target {
    std::string from;
    std::string to;
    peer_actor peer;
  };
  /// Where a frame sent on this link goes; false where the link is gone.
  bool find_target(link_id id, target& found) const;

private:
  struct end {
    std::string address;
    peer_actor peer;
  };
  link_opened opened(link_id id, const end& other) const;
  /// Link n has the ends 2n (opened) and 2n + 1 (accepted).
  std::map<std::uint64_t, std::array<end, 2>> links_;
  std::uint64_t last_link_ = 0;
};

/// Starts a node's transport, which listens at the address.
transport_actor spawn_transport(caf::actor_system& system,
                                std::shared_ptr<network> links,
                                const std::string& address,
                                const node_actor& node);

} // namespace artel::testing
