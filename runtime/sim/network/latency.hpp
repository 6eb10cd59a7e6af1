// How long a frame is on its way, drawn from a seed. Integers only, so that all
// machines and compilers agree.
#pragma once

#include "protocol/core/random.hpp"
#include "protocol/core/time.hpp"
#include "runtime/sim/network/network.hpp"

#include <cstdint>

namespace artel::sim {

/// One way, by the profile's mean and shape.
microseconds draw_latency(const link_profile& profile,
                          random_generator& random);

/// What a frame that is chosen for it takes longer: up to four times the mean.
microseconds draw_detour(const link_profile& profile, random_generator& random);

/// How long a path is busy with so many bytes; rounded up. 0 bytes a second: no
/// time at all.
microseconds transmission_time(std::uint64_t bytes,
                               std::uint64_t bytes_per_second);

} // namespace artel::sim
