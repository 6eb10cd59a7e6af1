#include "tests/actors/network.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>
#include <vector>

namespace artel::testing {

void network::open(const std::string& from, const open_link& message) {
  ++dials[message.address];
  auto found = listeners.find(message.address);
  if (found == listeners.end()) {
    caf::anon_send(message.peer,
                   link_closed{"no node listens at '" + message.address + "'"});
    return;
  }
  auto number = ++last_link_;
  links_[number] = {end{from, message.peer}, end{message.address, {}}};
  caf::anon_send(found->second.node, link_accepted{number * 2 + 1});
}

void network::attach(const attach_link& message) {
  auto found = links_.find(message.link / 2);
  if (found == links_.end()) {
    caf::anon_send(message.peer, link_closed{"the other side closed the link"});
    return;
  }
  auto& ends = found->second;
  ends[message.link % 2].peer = message.peer;
  caf::anon_send(ends[0].peer, opened(message.link - 1, ends[1]));
  caf::anon_send(ends[1].peer, opened(message.link, ends[0]));
}

link_opened network::opened(link_id id, const end& other) const {
  link_opened message{id, {}, {}};
  if (auto known = proven.find(other.address); known != proven.end())
    message.proven = known->second;
  if (auto seen = seen_as.find(other.address); seen != seen_as.end())
    message.address = seen->second;
  return message;
}

peer_actor network::close(link_id id) {
  auto found = links_.find(id / 2);
  if (found == links_.end())
    return {};
  auto other = found->second[1 - id % 2].peer;
  links_.erase(found);
  return other;
}

void network::break_links(const std::string& address) {
  for (auto it = links_.begin(); it != links_.end();) {
    auto ends = it->second;
    if (ends[0].address != address && ends[1].address != address) {
      ++it;
      continue;
    }
    it = links_.erase(it);
    for (const auto& one : ends)
      if (one.peer)
        caf::anon_send(one.peer, link_closed{"the link broke"});
  }
}

void network::leave(const std::string& address) {
  listeners.erase(address);
  break_links(address);
}

bool network::find_target(link_id id, target& found) const {
  auto link = links_.find(id / 2);
  if (link == links_.end())
    return false;
  const auto& from = link->second[id % 2];
  const auto& to = link->second[1 - id % 2];
  found = {from.address, to.address, to.peer};
  return true;
}

namespace {

struct transport_state {
  static inline const char* name = "test-transport";

  std::shared_ptr<network> links;
  std::string address;
};

using pointer = transport_actor::stateful_pointer<transport_state>;

void deliver(pointer self, const peer_actor& to, bytes frame) {
  auto& links = *self->state.links;
  const auto& faults = links.faults;
  auto spread = (faults.delay_max - faults.delay_min).count();
  auto delay =
    faults.delay_min
    + milliseconds{links.random.below(static_cast<std::uint64_t>(spread) + 1)};
  if (delay.count() == 0)
    self->send(to, frame_received{std::move(frame)});
  else
    self->delayed_send(to, delay, frame_received{std::move(frame)});
}

void send(pointer self, send_frame& message) {
  auto& links = *self->state.links;
  network::target target;
  if (!links.find_target(message.link, target))
    return;
  ++links.frames_sent;
  if (links.tap && !links.tap(target.from, target.to, message.frame))
    return;
  if (links.cut_off.contains(target.from) || links.cut_off.contains(target.to)
      || links.random.chance(links.faults.loss))
    return;
  if (links.random.chance(links.faults.duplication))
    deliver(self, target.peer, message.frame);
  deliver(self, target.peer, std::move(message.frame));
}

/// The other end hears it after what was sent before.
void close(pointer self, link_id id) {
  auto& links = *self->state.links;
  auto other = links.close(id);
  if (!other)
    return;
  link_closed message{"the other side closed the link"};
  if (auto delay = links.faults.delay_max; delay.count() == 0)
    self->send(other, std::move(message));
  else
    self->delayed_send(other, delay, std::move(message));
}

transport_actor::behavior_type make_transport(pointer self,
                                              std::shared_ptr<network> links,
                                              std::string address) {
  self->state.links = std::move(links);
  self->state.address = std::move(address);
  return {
    [self](const open_link& m) {
      self->state.links->open(self->state.address, m);
    },
    [self](const attach_link& m) { self->state.links->attach(m); },
    [self](send_frame& m) { send(self, m); },
    [self](const close_link& m) { close(self, m.link); },
    [self](const stop_actor&) {
      self->state.links->leave(self->state.address);
      self->quit();
    },
  };
}

} // namespace

transport_actor spawn_transport(caf::actor_system& system,
                                std::shared_ptr<network> links,
                                const std::string& address,
                                const node_actor& node) {
  auto transport = system.spawn(make_transport, links, address);
  links->listeners[address] = {transport, node};
  return transport;
}

} // namespace artel::testing
