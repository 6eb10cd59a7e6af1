// How long to wait before something that failed is tried again: exponential
// with full jitter, so that those who failed together don't come back together.
#pragma once

#include "protocol/core/random.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>

namespace artel {

struct backoff_terms {
  /// The most that is waited after the first failure; doubles with each.
  milliseconds first{500};
  milliseconds last{60'000};

  bool operator==(const backoff_terms&) const = default;
};

/// The most that is waited after so many failures in a row; zero for none.
milliseconds backoff_ceiling(const backoff_terms& terms,
                             std::uint32_t failures) noexcept;

/// Uniform from zero to the ceiling.
microseconds backoff_delay(const backoff_terms& terms, std::uint32_t failures,
                           random_generator& random) noexcept;

} // namespace artel
