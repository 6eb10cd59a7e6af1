// When to try again: exponential backoff with full jitter (a delay drawn
// uniformly from 0 to the bound, so that retries of many don't come together).
#pragma once

#include "protocol/core/random.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>

namespace artel {

struct retry_policy {
  milliseconds base{100};
  milliseconds cap{10'000};
};

/// The delay before try number `failures` + 1: uniform in
/// [0, min(cap, base x 2^(failures - 1))]; zero for no failures.
milliseconds retry_delay(const retry_policy& policy, std::uint32_t failures,
                         random_generator& random);

} // namespace artel
