#include "runtime/net/memory_transport.hpp"

#include <utility>

namespace artel::runtime {

void memory_hub::listen(const std::string& address,
                        memory_transport_actor transport) {
  std::lock_guard guard{mutex_};
  listeners_.insert_or_assign(address, std::move(transport));
}

void memory_hub::leave(const std::string& address) {
  std::lock_guard guard{mutex_};
  listeners_.erase(address);
}

std::optional<memory_transport_actor>
memory_hub::find(const std::string& address) const {
  std::lock_guard guard{mutex_};
  auto found = listeners_.find(address);
  if (found == listeners_.end())
    return std::nullopt;
  return found->second;
}

namespace {

using pointer =
  memory_transport_actor::stateful_pointer<memory_transport_state>;

void open(pointer self, const open_link& message) {
  auto& state = self->state;
  auto remote = state.config.hub->find(message.address);
  if (!remote) {
    self->send(message.peer,
               link_closed{"no node listens at '" + message.address + "'"});
    return;
  }
  auto id = ++state.last_link;
  state.links[id] = {message.peer, *remote, 0, {}};
  self->send(*remote, memory_accept{self, id});
}

void accept(pointer self, const memory_accept& message) {
  auto& state = self->state;
  auto id = ++state.last_link;
  state.links[id] = {{}, message.from, message.from_link, {}};
  self->send(message.from, memory_accepted{message.from_link, id});
  self->send(state.config.node, link_accepted{id});
}

void attach(pointer self, const attach_link& message) {
  auto found = self->state.links.find(message.link);
  if (found == self->state.links.end()) {
    self->send(message.peer, link_closed{"the other side closed the link"});
    return;
  }
  auto& link = found->second;
  link.peer = message.peer;
  self->send(link.peer, link_opened{message.link});
  for (auto& frame : std::exchange(link.early, {}))
    self->send(link.peer, frame_received{std::move(frame)});
}

void deliver(pointer self, memory_frame& message) {
  auto found = self->state.links.find(message.link);
  if (found == self->state.links.end())
    return;
  auto& link = found->second;
  if (link.peer)
    self->send(link.peer, frame_received{std::move(message.frame)});
  else
    link.early.push_back(std::move(message.frame));
}

/// Our side ended it.
void close(pointer self, link_id id) {
  auto found = self->state.links.find(id);
  if (found == self->state.links.end())
    return;
  self->send(found->second.remote, memory_closed{found->second.remote_link});
  self->state.links.erase(found);
}

/// The other side ended it.
void on_closed(pointer self, link_id id) {
  auto found = self->state.links.find(id);
  if (found == self->state.links.end())
    return;
  if (found->second.peer)
    self->send(found->second.peer,
               link_closed{"the other side closed the link"});
  self->state.links.erase(found);
}

void stop(pointer self) {
  auto& state = self->state;
  state.config.hub->leave(state.config.address);
  for (const auto& [id, link] : state.links)
    self->send(link.remote, memory_closed{link.remote_link});
  state.links.clear();
  self->quit();
}

} // namespace

memory_transport_actor::behavior_type
make_memory_transport(pointer self, memory_transport_config config) {
  self->state.config = std::move(config);
  self->state.config.hub->listen(self->state.config.address, self);
  return {
    [self](const open_link& m) { open(self, m); },
    [self](const attach_link& m) { attach(self, m); },
    [self](send_frame& m) {
      auto found = self->state.links.find(m.link);
      if (found != self->state.links.end())
        self->send(found->second.remote,
                   memory_frame{found->second.remote_link, std::move(m.frame)});
    },
    [self](const close_link& m) { close(self, m.link); },
    [self](const stop_actor&) { stop(self); },
    [self](const memory_accept& m) { accept(self, m); },
    [self](const memory_accepted& m) {
      auto found = self->state.links.find(m.link);
      if (found == self->state.links.end()) {
        self->send(
          caf::actor_cast<memory_transport_actor>(self->current_sender()),
          memory_closed{m.remote_link});
        return;
      }
      found->second.remote_link = m.remote_link;
      self->send(found->second.peer, link_opened{m.link});
    },
    [self](memory_frame& m) { deliver(self, m); },
    [self](const memory_closed& m) { on_closed(self, m.link); },
  };
}

} // namespace artel::runtime
