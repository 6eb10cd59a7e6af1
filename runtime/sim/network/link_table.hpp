// Every link of a simulated world, and who holds its two ends. Bookkeeping
// alone: what happens on the way from one end to the other is the network's.
//
// An end:  waiting --(the peer hears link_opened)--> open --> gone
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "runtime/sim/stage.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <set>
#include <unordered_map>
#include <vector>

namespace artel::sim {

/// Counts up from 1 over the world's life. Link n has the ends 2n, which
/// dialled, and 2n + 1, which accepted: by these names transports know them.
using link_number = std::uint64_t;

/// 0 dialled, 1 accepted.
using link_side = std::size_t;

constexpr link_id end_id(link_number link, link_side side) noexcept {
  return link * 2 + side;
}

enum class end_state : std::uint8_t { waiting = 1, open, gone };

struct link_end {
  node_index node = no_node;
  /// Null while the accepting node has not attached it, and when it is gone.
  peer_actor peer;
  end_state state = end_state::waiting;
  /// When the last of what is on its way to this end arrives.
  microseconds busy_until{0};
  /// The same without frames that take a detour: none of the others arrives
  /// before the one ahead of it.
  microseconds in_order_until{0};
};

struct sim_link {
  std::array<link_end, 2> ends;
  /// One end is gone, and word of it is on its way to the other.
  bool closing = false;
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t dropped = 0;

  bool is_up() const {
    return ends[0].state == end_state::open && ends[1].state == end_state::open;
  }
};

class link_table {
public:
  link_number add(node_index from, node_index to, peer_actor peer);

  /// Null where it is gone.
  sim_link* find(link_number number);
  const sim_link* find(link_number number) const;

  /// The end's peer has heard link_opened, or is about to.
  void open(link_number number, link_side side);
  /// The end is gone; with the second end the link is, too.
  void drop(link_number number, link_side side);
  /// Both at once.
  void erase(link_number number);

  /// Numbers of the links of which the node still has an end; a copy, in order.
  std::vector<link_number> of(node_index node) const;
  /// Links of which both ends are open.
  std::size_t up_count() const { return up_count_; }

private:
  std::set<link_number>& numbers_of(node_index node);

  /// Never iterated.
  std::unordered_map<link_number, sim_link> links_;
  std::vector<std::set<link_number>> by_node_;
  link_number last_ = 0;
  std::size_t up_count_ = 0;
};

} // namespace artel::sim
