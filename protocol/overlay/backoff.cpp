#include "protocol/overlay/backoff.hpp"

#include <algorithm>

namespace artel {

milliseconds backoff_ceiling(const backoff_terms& terms,
                             std::uint32_t failures) noexcept {
  if (failures == 0)
    return milliseconds{0};
  auto ceiling = std::min(terms.first, terms.last);
  for (std::uint32_t i = 1; i < failures && ceiling < terms.last; ++i)
    // Never doubled beyond what the terms allow, so it can't overflow.
    ceiling = ceiling > terms.last / 2 ? terms.last : ceiling * 2;
  return std::max(ceiling, milliseconds{0});
}

microseconds backoff_delay(const backoff_terms& terms, std::uint32_t failures,
                           random_generator& random) noexcept {
  auto ceiling = microseconds{backoff_ceiling(terms, failures)}.count();
  if (ceiling == 0)
    return microseconds{0};
  return microseconds{static_cast<std::int64_t>(
    random.below(static_cast<std::uint64_t>(ceiling) + 1))};
}

} // namespace artel
