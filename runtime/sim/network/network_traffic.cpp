// What transports do, and what happens on the way from one end of a link to the
// other.
#include "runtime/sim/network/latency.hpp"
#include "runtime/sim/network/network.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <utility>

namespace artel::sim {

namespace {

/// An operating system waits longer; nobody learns more from that.
constexpr microseconds dial_timeout{3'000'000};
constexpr microseconds tick_interval{100'000};
/// A packet without data.
constexpr std::size_t word_bytes = 64;

} // namespace

// -- what transports do -------------------------------------------------------

void network::open(node_index from, const open_link& message) {
  auto found = addresses_.find(message.address);
  if (found == addresses_.end()) {
    auto there = draw_latency(standard_, random_);
    auto back = draw_latency(standard_, random_);
    stage_.after(there + back, [peer = message.peer,
                                address = message.address] {
      caf::anon_send(peer, link_closed{"no node listens at '" + address + "'"});
    });
    return;
  }
  auto number = links_.add(from, found->second, message.peer);
  stage_.after(dial_timeout, [this, number] { on_dial_timeout(number); });
  dispatch({number, 1, parcel_kind::dialled, {}});
}

void network::attach(const attach_link& message) {
  auto number = message.link / 2;
  auto* link = links_.find(number);
  if (link == nullptr || link->ends[1].state != end_state::waiting) {
    caf::anon_send(message.peer, link_closed{"the other side closed the link"});
    return;
  }
  link->ends[1].peer = message.peer;
  links_.open(number, 1);
  caf::anon_send(message.peer, link_opened{message.link});
  dispatch({number, 0, parcel_kind::opened, {}});
  start_ticking(link->ends[1].node);
}

void network::send(node_index from, link_id id, bytes frame) {
  auto number = id / 2;
  auto side = static_cast<link_side>(id % 2);
  auto* link = links_.find(number);
  if (link == nullptr || link->ends[side].node != from
      || link->ends[side].state != end_state::open)
    return;
  auto* filter = station_of(from).filter.get();
  if (filter == nullptr) {
    transmit(number, side, std::move(frame));
    return;
  }
  filter->on_clock(stage_.now());
  for (auto& one : filter->on_send(link->ends[1 - side].node, std::move(frame)))
    transmit(number, side, std::move(one));
}

void network::close(link_id id) {
  end_by(id / 2, static_cast<link_side>(id % 2), parcel_kind::closed);
}

void network::transmit(link_number number, link_side from, bytes frame) {
  auto* link = links_.find(number);
  ++link->frames;
  link->bytes += frame.size();
  dispatch({number, 1 - from, parcel_kind::frame, std::move(frame)});
}

/// An end goes; the other one hears the word.
void network::end_by(link_number number, link_side side, parcel_kind word) {
  auto* link = links_.find(number);
  if (link == nullptr || link->ends[side].state == end_state::gone)
    return;
  links_.drop(number, side);
  if (links_.find(number) != nullptr)
    tell_end(number, 1 - side, word);
}

void network::tell_end(link_number number, link_side side, parcel_kind word) {
  auto& link = *links_.find(number);
  if (std::exchange(link.closing, true))
    return;
  dispatch({number, side, word, {}});
}

// -- on the way ---------------------------------------------------------------

void network::dispatch(parcel what, microseconds floor) {
  auto* link = links_.find(what.link);
  if (link == nullptr)
    return;
  if (what.kind == parcel_kind::frame)
    dispatch_frame(std::move(what), *link, floor);
  else
    dispatch_word(std::move(what), *link, floor);
}

void network::dispatch_word(parcel what, sim_link& link, microseconds floor) {
  auto from = link.ends[1 - what.to].node;
  auto to = link.ends[what.to].node;
  if (is_blocked(from, to)) {
    // Never heard: the end is left with half a link, or dials in vain.
    link.closing = false;
    return;
  }
  if (auto* way = find_path(from, to); way != nullptr && way->is_clogged) {
    way->held.push_back(std::move(what));
    return;
  }
  // Not before what was sent earlier: its last words are to be heard.
  auto& busy_until = link.ends[what.to].busy_until;
  auto arrival = stage_.elapsed() + draw_latency(profile(from, to), random_);
  arrival = std::max({arrival, busy_until, floor});
  busy_until = arrival;
  carry(std::move(what), arrival);
}

void network::dispatch_frame(parcel what, sim_link& link, microseconds floor) {
  auto from = link.ends[1 - what.to].node;
  auto to = link.ends[what.to].node;
  auto drop = [&](frame_fate fate) {
    ++link.dropped;
    record(link, what.to, fate, microseconds{0}, what.frame);
  };
  if (is_blocked(from, to))
    return drop(frame_fate::blocked);
  if (auto* way = find_path(from, to); way != nullptr && way->is_clogged) {
    record(link, what.to, frame_fate::held, microseconds{0}, what.frame);
    way->held.push_back(std::move(what));
    return;
  }
  if (link.ends[what.to].state == end_state::gone)
    return send_to_gone(what, link);
  const auto& rules = profile(from, to);
  if (rules.loss.value > 0 && random_.chance(rules.loss.value))
    return drop(frame_fate::lost);
  auto doubled =
    rules.duplication.value > 0 && random_.chance(rules.duplication.value);
  for (auto fate : {frame_fate::sent, frame_fate::duplicated}) {
    if (fate == frame_fate::duplicated && !doubled)
      return;
    auto now = stage_.elapsed();
    auto arrival = now + draw_transit(from, to, what.frame.size());
    arrival = std::max(arrival, floor);
    auto& end = link.ends[what.to];
    if (rules.reordering.value > 0 && random_.chance(rules.reordering.value))
      arrival += draw_detour(rules, random_);
    else
      end.in_order_until = arrival = std::max(arrival, end.in_order_until);
    end.busy_until = std::max(end.busy_until, arrival);
    record(link, what.to, fate, arrival - now, what.frame);
    if (fate == frame_fate::sent && doubled)
      carry(what, arrival);
    else
      carry(std::move(what), arrival);
  }
}

/// The sender does not know yet. Its frame is lost, and a machine that runs
/// tells it so.
void network::send_to_gone(const parcel& what, sim_link& link) {
  ++link.dropped;
  record(link, what.to, frame_fate::lost, microseconds{0}, what.frame);
  auto from = link.ends[1 - what.to].node;
  auto to = link.ends[what.to].node;
  if (!station_of(to).is_powered || std::exchange(link.closing, true))
    return;
  auto there = draw_latency(profile(from, to), random_);
  stage_.after(there, [this, number = what.link, side = 1 - what.to] {
    dispatch({number, side, parcel_kind::unknown_link, {}});
  });
}

microseconds network::draw_transit(node_index from, node_index to,
                                   std::size_t size) {
  const auto& rules = profile(from, to);
  auto transit = draw_latency(rules, random_);
  if (rules.bytes_per_second == 0)
    return transit;
  auto& free_at = paths_[{from, to}].free_at;
  auto now = stage_.elapsed();
  free_at = std::max(free_at, now)
            + transmission_time(size + word_bytes, rules.bytes_per_second);
  return transit + (free_at - now);
}

void network::carry(parcel what, microseconds arrival) {
  stage_.at(arrival,
            [this, what = std::move(what)]() mutable { arrive(what); });
}

/// In the order in which they came, so that each arrives after the one before.
void network::release(node_index from, node_index to) {
  auto held = std::exchange(paths_[{from, to}].held, {});
  microseconds floor{0};
  for (auto& one : held) {
    auto number = one.link;
    auto side = one.to;
    dispatch(std::move(one), floor);
    if (const auto* link = links_.find(number))
      floor = std::max(floor, link->ends[side].busy_until);
  }
}

// -- at the other end ---------------------------------------------------------

void network::arrive(parcel& what) {
  auto* link = links_.find(what.link);
  if (link == nullptr)
    return;
  auto& end = link->ends[what.to];
  auto hear_end = [&](const char* reason) {
    if (end.peer)
      caf::anon_send(end.peer, link_closed{reason});
    links_.erase(what.link);
  };
  switch (what.kind) {
    case parcel_kind::dialled: return on_dialled(what.link, *link);
    case parcel_kind::opened:
      if (end.state != end_state::waiting)
        return;
      links_.open(what.link, what.to);
      caf::anon_send(end.peer, link_opened{end_id(what.link, what.to)});
      return start_ticking(end.node);
    case parcel_kind::frame:
      if (end.state == end_state::open)
        caf::anon_send(end.peer, frame_received{std::move(what.frame)});
      return;
    case parcel_kind::refused: {
      const auto& address = stations_[link->ends[1].node].address;
      auto reason = "no node listens at '" + address + "'";
      return hear_end(reason.c_str());
    }
    case parcel_kind::closed: return hear_end("the other side closed the link");
    case parcel_kind::broken: return hear_end("the link broke");
    case parcel_kind::unknown_link:
      return hear_end("the other side does not know the link");
  }
}

void network::on_dialled(link_number number, sim_link& link) {
  auto& target = station_of(link.ends[1].node);
  if (target.actor)
    caf::anon_send(target.actor, link_accepted{end_id(number, 1)});
  else if (target.is_powered)
    tell_end(number, 0, parcel_kind::refused);
}

void network::on_dial_timeout(link_number number) {
  auto* link = links_.find(number);
  if (link == nullptr || link->ends[0].state != end_state::waiting)
    return;
  const auto& address = stations_[link->ends[1].node].address;
  caf::anon_send(link->ends[0].peer,
                 link_closed{"timed out dialling '" + address + "'"});
  // The accepting side may have half a link; it finds out by itself.
  if (link->ends[1].state == end_state::waiting)
    links_.erase(number);
  else
    links_.drop(number, 0);
}

// -- filters ------------------------------------------------------------------

void network::start_ticking(node_index node) {
  auto& place = station_of(node);
  if (!place.filter || !place.actor || links_.of(node).empty()
      || std::exchange(place.is_ticking, true))
    return;
  stage_.after(tick_interval, [this, node] { tick(node); });
}

void network::tick(node_index node) {
  auto& place = station_of(node);
  place.is_ticking = false;
  if (!place.filter || !place.actor)
    return;
  for (auto number : links_.of(node)) {
    if (stage_.is_paused(node))
      break;
    const auto& ends = links_.find(number)->ends;
    link_side side = ends[0].node == node ? 0 : 1;
    if (ends[side].state != end_state::open)
      continue;
    place.filter->on_clock(stage_.now());
    for (auto& frame : place.filter->on_tick(ends[1 - side].node))
      transmit(number, side, std::move(frame));
  }
  start_ticking(node);
}

void network::record(const sim_link& link, link_side to, frame_fate fate,
                     microseconds delay, bytes_view frame) {
  trace_.add(stage_.elapsed(),
             frame_record{link.ends[1 - to].node, link.ends[to].node, fate,
                          delay, frame});
}

} // namespace artel::sim
