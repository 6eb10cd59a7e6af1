#include "protocol/task/retry_planner.hpp"

#include <algorithm>
#include <cassert>

namespace artel {

namespace {

/// min(cap, base x 2^doublings), without leaving 64 bits.
std::int64_t backoff_ms(const retry_policy& policy, std::uint32_t doublings) {
  auto bound = std::min(policy.base, policy.cap).count();
  auto cap = policy.cap.count();
  // From half the cap on, one more doubling is the cap; a base of zero stays.
  for (; doublings > 0 && bound > 0 && bound < cap; --doublings)
    bound = bound > cap / 2 ? cap : bound * 2;
  return bound;
}

} // namespace

milliseconds retry_delay(const retry_policy& policy, std::uint32_t failures,
                         random_generator& random) {
  assert(policy.base.count() >= 0 && policy.cap.count() >= 0);
  if (failures == 0)
    return milliseconds{0};
  auto bound = static_cast<std::uint64_t>(backoff_ms(policy, failures - 1));
  return milliseconds{static_cast<std::int64_t>(random.below(bound + 1))};
}

} // namespace artel
