// What the world does to the network: nodes come and go, paths get worse and
// better. What happens to frames on their way is in network_traffic.cpp.
#include "runtime/sim/network/network.hpp"

#include "runtime/sim/network/sim_transport.hpp"

#include <caf/send.hpp>

#include <string>
#include <utility>

namespace artel::sim {

network::network(stage& on, trace& tell, std::uint64_t seed,
                 link_profile standard)
  : stage_(on),
    trace_(tell),
    random_(random_generator::from_number(seed)),
    standard_(standard),
    self_(std::make_shared<network*>(this)) {
}

network::~network() {
  *self_ = nullptr;
}

network::station& network::station_of(node_index node) {
  if (stations_.size() <= node)
    stations_.resize(std::size_t{node} + 1);
  return stations_[node];
}

bool network::is_listening(node_index node) const {
  return node < stations_.size() && stations_[node].actor;
}

// -- what is told -------------------------------------------------------------

std::string network::name_of(node_index node) const {
  return node < stations_.size() ? stations_[node].address
                                 : "node " + std::to_string(node);
}

std::string network::text_of(const cut& what) const {
  std::string text;
  for (auto node : what.from)
    text += (text.empty() ? "" : ", ") + name_of(node);
  text += what.one_way ? " -> " : " | ";
  auto is_first = true;
  for (auto node : what.to)
    text += (std::exchange(is_first, false) ? "" : ", ") + name_of(node);
  return text;
}

void network::note(fault_kind kind, std::string text) {
  trace_.add(stage_.elapsed(), fault_record{kind, no_node, std::move(text)});
}

// -- nodes --------------------------------------------------------------------

transport_actor network::start_transport(node_index node,
                                         const std::string& address,
                                         const node_actor& actor) {
  auto& place = station_of(node);
  place.address = address;
  place.actor = actor;
  place.is_powered = true;
  addresses_.insert_or_assign(address, node);
  return spawn_sim_transport(stage_.system(), self_, node);
}

void network::crash(node_index node, crash_kind kind) {
  auto& place = station_of(node);
  place.actor = node_actor{};
  place.is_powered = kind != crash_kind::power;
  for (auto number : links_.of(node))
    for (link_side side : {0u, 1u}) {
      auto* link = links_.find(number);
      if (link == nullptr || link->ends[side].node != node)
        continue;
      if (kind == crash_kind::power)
        links_.drop(number, side);
      else
        end_by(number, side, parcel_kind::broken);
    }
}

void network::leave(node_index node) {
  station_of(node).actor = node_actor{};
  for (auto number : links_.of(node))
    for (link_side side : {0u, 1u}) {
      auto* link = links_.find(number);
      if (link != nullptr && link->ends[side].node == node)
        end_by(number, side, parcel_kind::closed);
    }
}

void network::set_filter(node_index from,
                         std::unique_ptr<frame_filter> filter) {
  auto& place = station_of(from);
  if (place.filter)
    for (auto number : links_.of(from)) {
      const auto& ends = links_.find(number)->ends;
      auto to = ends[ends[0].node == from ? 1 : 0].node;
      if (place.filter->has_renumbered(to))
        break_link(number);
    }
  place.filter = std::move(filter);
  start_ticking(from);
}

void network::break_links(node_index a, node_index b) {
  note(fault_kind::link_break, name_of(a) + ", " + name_of(b));
  for (auto number : links_.of(a)) {
    const auto& ends = links_.find(number)->ends;
    if (ends[ends[0].node == a ? 1 : 0].node == b)
      break_link(number);
  }
}

/// Both ends hear it at once; what is on its way is lost.
void network::break_link(link_number number) {
  for (const auto& end : links_.find(number)->ends)
    if (end.peer)
      caf::anon_send(end.peer, link_closed{"the link broke"});
  links_.erase(number);
}

// -- paths --------------------------------------------------------------------

network::path* network::find_path(node_index from, node_index to) {
  auto found = paths_.find({from, to});
  return found == paths_.end() ? nullptr : &found->second;
}

const network::path* network::find_path(node_index from, node_index to) const {
  auto found = paths_.find({from, to});
  return found == paths_.end() ? nullptr : &found->second;
}

void network::set_standard(const link_profile& profile) {
  standard_ = profile;
  note(fault_kind::link_change, "all paths without a profile of their own");
}

void network::set_profile(node_index from, node_index to,
                          const link_profile& profile) {
  paths_[{from, to}].profile = profile;
  note(fault_kind::link_change, name_of(from) + " -> " + name_of(to));
}

const link_profile& network::profile(node_index from, node_index to) const {
  const auto* found = find_path(from, to);
  return found != nullptr && found->profile ? *found->profile : standard_;
}

network::partition_id network::partition(std::set<node_index> from,
                                         std::set<node_index> to,
                                         bool one_way) {
  auto number = ++last_partition_;
  auto& made = partitions_[number];
  made = {std::move(from), std::move(to), one_way};
  note(fault_kind::partition, text_of(made));
  return number;
}

void network::heal(partition_id which) {
  auto found = partitions_.find(which);
  if (found == partitions_.end())
    return;
  note(fault_kind::heal, text_of(found->second));
  partitions_.erase(found);
}

void network::heal_all() {
  while (!partitions_.empty())
    heal(partitions_.begin()->first);
}

bool network::is_blocked(node_index from, node_index to) const {
  for (const auto& [number, one] : partitions_) {
    if (one.from.contains(from) && one.to.contains(to))
      return true;
    if (!one.one_way && one.from.contains(to) && one.to.contains(from))
      return true;
  }
  return false;
}

bool network::is_reachable(node_index from, node_index to) const {
  const auto* way = find_path(from, to);
  return !is_blocked(from, to) && (way == nullptr || !way->is_clogged);
}

void network::clog(node_index from, node_index to) {
  note(fault_kind::clog, name_of(from) + " -> " + name_of(to));
  paths_[{from, to}].is_clogged = true;
}

void network::unclog(node_index from, node_index to) {
  auto* way = find_path(from, to);
  if (way == nullptr || !std::exchange(way->is_clogged, false))
    return;
  note(fault_kind::heal, name_of(from) + " -> " + name_of(to));
  release(from, to);
}

void network::calm() {
  auto soothe = [](link_profile& profile) {
    profile.loss = ppm{0};
    profile.duplication = ppm{0};
    profile.reordering = ppm{0};
  };
  heal_all();
  soothe(standard_);
  for (auto& [key, way] : paths_)
    if (way.profile)
      soothe(*way.profile);
  for (auto& [key, way] : paths_)
    unclog(key.first, key.second);
  tell_stale_ends();
}

void network::tell_stale_ends() {
  for (node_index node = 0; node < stations_.size(); ++node)
    for (auto number : links_.of(node))
      for (link_side side : {0u, 1u}) {
        auto* link = links_.find(number);
        if (link != nullptr && link->ends[side].node == node
            && link->ends[side].state != end_state::gone
            && link->ends[1 - side].state == end_state::gone)
          tell_end(number, side, parcel_kind::broken);
      }
}

// -- tables -------------------------------------------------------------------

std::vector<link_view> network::links() const {
  std::vector<link_view> views;
  views.reserve(link_count());
  for (node_index node = 0; node < stations_.size(); ++node)
    for (auto number : links_.of(node)) {
      const auto& link = *links_.find(number);
      const auto& ends = link.ends;
      if (ends[0].node == node && link.is_up())
        views.push_back(
          {node, ends[1].node, link.frames, link.bytes, link.dropped});
    }
  return views;
}

std::size_t network::link_count() const {
  return links_.up_count();
}

} // namespace artel::sim
