// How much of something may pass in a while: tokens flow in at a rate, up to a
// burst, and what passes takes some. Whole numbers; exact to the microsecond.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>

namespace artel {

struct token_terms {
  /// A second.
  std::uint64_t rate = 0;
  std::uint64_t burst = 0;

  bool operator==(const token_terms&) const = default;
};

class token_bucket {
public:
  /// Beyond this, rates, bursts and costs count as this much.
  static constexpr std::uint64_t amount_max = 1'000'000'000'000;

  /// Full at first.
  token_bucket(const token_terms& terms, instant now) noexcept;

  /// Whether so much may pass now; if so, it is taken. What costs more than the
  /// burst passes a full bucket and leaves it in debt, so that large things are
  /// not kept out for ever, nor cheaper than small ones.
  bool admits(std::uint64_t cost, instant now) noexcept;

  /// How long until so much may pass; zero: now. microseconds::max() where the
  /// rate is 0 and there is too little.
  microseconds wait_for(std::uint64_t cost, instant now) const noexcept;

  /// Whether nothing is missing: it could as well be a new one.
  bool is_full(instant now) const noexcept;

private:
  std::int64_t level_at(instant now) const noexcept;
  std::int64_t needed_for(std::uint64_t cost) const noexcept;

  /// In millionths of a token; negative in debt.
  std::int64_t full_ = 0;
  std::int64_t level_ = 0;
  /// Tokens a second, which is millionths a microsecond.
  std::int64_t rate_ = 0;
  instant filled_{};
};

} // namespace artel
