#include "runtime/sim/network/link_table.hpp"

#include <utility>

namespace artel::sim {

std::set<link_number>& link_table::numbers_of(node_index node) {
  if (by_node_.size() <= node)
    by_node_.resize(std::size_t{node} + 1);
  return by_node_[node];
}

link_number link_table::add(node_index from, node_index to, peer_actor peer) {
  auto number = ++last_;
  auto& link = links_[number];
  link.ends[0].node = from;
  link.ends[0].peer = std::move(peer);
  link.ends[1].node = to;
  numbers_of(from).insert(number);
  numbers_of(to).insert(number);
  return number;
}

sim_link* link_table::find(link_number number) {
  auto found = links_.find(number);
  return found == links_.end() ? nullptr : &found->second;
}

const sim_link* link_table::find(link_number number) const {
  auto found = links_.find(number);
  return found == links_.end() ? nullptr : &found->second;
}

void link_table::open(link_number number, link_side side) {
  auto* link = find(number);
  if (link == nullptr || link->ends[side].state != end_state::waiting)
    return;
  link->ends[side].state = end_state::open;
  up_count_ += link->is_up();
}

void link_table::drop(link_number number, link_side side) {
  auto* link = find(number);
  if (link == nullptr || link->ends[side].state == end_state::gone)
    return;
  up_count_ -= link->is_up();
  auto& end = link->ends[side];
  const auto& other = link->ends[1 - side];
  end.state = end_state::gone;
  end.peer = peer_actor{};
  if (other.node != end.node || other.state == end_state::gone)
    numbers_of(end.node).erase(number);
  if (other.state == end_state::gone)
    links_.erase(number);
}

void link_table::erase(link_number number) {
  drop(number, 0);
  drop(number, 1);
}

std::vector<link_number> link_table::of(node_index node) const {
  if (by_node_.size() <= node)
    return {};
  const auto& numbers = by_node_[node];
  return {numbers.begin(), numbers.end()};
}

} // namespace artel::sim
