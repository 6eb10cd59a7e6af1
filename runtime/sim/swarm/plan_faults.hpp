// What goes wrong in a random world: links, misbehaviour, and faults in time.
#pragma once

#include "protocol/core/random.hpp"
#include "runtime/sim/swarm/world_plan.hpp"

#include <cstddef>
#include <cstdint>

namespace artel::sim {

/// The numbers of a plan, out of a stream of its own: the world that is made of
/// the plan draws from the seed, too.
class plan_draw {
public:
  explicit plan_draw(std::uint64_t seed)
    : random_(random_generator::from_number(seed ^ 0x706c'616e)) {}

  /// Both ends included.
  std::uint64_t number(std::uint64_t least, std::uint64_t most) {
    return least + random_.below(most - least + 1);
  }
  bool percent(std::uint64_t chance) { return random_.below(100) < chance; }
  milliseconds time(std::uint64_t least_ms, std::uint64_t most_ms) {
    return milliseconds{number(least_ms, most_ms)};
  }
  ppm share(std::int32_t most_ppm) {
    return ppm{static_cast<std::int32_t>(
      random_.below(static_cast<std::uint64_t>(most_ppm) + 1))};
  }
  /// 1 % to 100 %, whole.
  ppm percentage() {
    return ppm{static_cast<std::int32_t>(number(1, 100)) * 10'000};
  }
  template <class List>
  const auto& pick(const List& list) {
    return list[random_.below(list.size())];
  }

private:
  random_generator random_;
};

link_profile draw_links(plan_draw& draw, fault_level level);

/// One way or another not honest.
behaviour draw_behaviour(plan_draw& draw);

/// In the order of their times.
void add_faults(plan_draw& draw, fault_level level, world_plan& plan);

} // namespace artel::sim
