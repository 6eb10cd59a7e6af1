#include "runtime/launch/actor_system.hpp"

#include "runtime/launch/machine.hpp"
#include "runtime/net/tls_transport.hpp"

#include <algorithm>
#include <chrono>

#include <sodium.h>

namespace artel::runtime {

node_system_config::node_system_config() {
  set("scheduler.max-threads", std::max<std::uint32_t>(usable_cores() - 1, 1));
  set("work-stealing.aggressive-poll-attempts", std::size_t{0});
  set("work-stealing.moderate-poll-attempts", std::size_t{0});
}

networked_system_config::networked_system_config() {
  prepare_for_links(*this);
}

wall_time calendar_now() {
  return std::chrono::time_point_cast<milliseconds>(
    std::chrono::system_clock::now());
}

std::function<wall_time(instant)> make_wall_clock(caf::actor_system& system) {
  auto start = calendar_now();
  auto steady = std::chrono::duration_cast<microseconds>(
    system.clock().now().time_since_epoch());
  return [start, steady](instant now) {
    auto passed = now.time_since_epoch() - steady;
    return start + std::chrono::duration_cast<milliseconds>(passed);
  };
}

random_generator::seed_type entropy() {
  random_generator::seed_type seed;
  randombytes_buf(seed.data(), seed.size());
  return seed;
}

} // namespace artel::runtime
