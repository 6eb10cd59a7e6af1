// How CAF is set up for nodes on real machines, and the calendar that their
// actors go by.
#pragma once

#include "protocol/core/random.hpp"
#include "protocol/core/time.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <functional>

namespace artel::runtime {

/// Computing stays off the scheduler's threads, so few of those are enough; and
/// threads that poll for work would take it from the sandboxes.
struct node_system_config : caf::actor_system_config {
  node_system_config();
};

/// With what links need.
struct networked_system_config : node_system_config {
  networked_system_config();
};

wall_time calendar_now();

/// The steady clock carries the calendar on, so that both move alike.
std::function<wall_time(instant)> make_wall_clock(caf::actor_system& system);

/// From the operating system.
random_generator::seed_type entropy();

} // namespace artel::runtime
