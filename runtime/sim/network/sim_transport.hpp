// A node's transport in the simulated world: an actor that hands everything on
// to the network.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "runtime/sim/stage.hpp"

#include <caf/actor_system.hpp>

#include <memory>

namespace artel::sim {

class network;

/// `to` holds null once the network is gone: actors may outlive it.
transport_actor spawn_sim_transport(caf::actor_system& system,
                                    std::shared_ptr<network*> to,
                                    node_index node);

} // namespace artel::sim
