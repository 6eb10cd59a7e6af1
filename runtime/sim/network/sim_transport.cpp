#include "runtime/sim/network/sim_transport.hpp"

#include "runtime/sim/network/network.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace artel::sim {

namespace {

struct sim_transport_state {
  static inline const char* name = "transport";

  std::shared_ptr<network*> to;
  node_index node = no_node;
};

using pointer = transport_actor::stateful_pointer<sim_transport_state>;

transport_actor::behavior_type
make_transport(pointer self, std::shared_ptr<network*> to, node_index node) {
  self->state.to = std::move(to);
  self->state.node = node;
  auto& state = self->state;
  return {
    [&state](const open_link& m) {
      if (*state.to)
        (*state.to)->open(state.node, m);
    },
    [&state](const attach_link& m) {
      if (*state.to)
        (*state.to)->attach(m);
    },
    [&state](send_frame& m) {
      if (*state.to)
        (*state.to)->send(state.node, m.link, std::move(m.frame));
    },
    [&state](const close_link& m) {
      if (*state.to)
        (*state.to)->close(m.link);
    },
    [self](const stop_actor&) {
      if (*self->state.to)
        (*self->state.to)->leave(self->state.node);
      self->quit();
    },
  };
}

} // namespace

transport_actor spawn_sim_transport(caf::actor_system& system,
                                    std::shared_ptr<network*> to,
                                    node_index node) {
  return system.spawn(make_transport, std::move(to), node);
}

} // namespace artel::sim
