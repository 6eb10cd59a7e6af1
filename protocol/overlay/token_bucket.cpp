#include "protocol/overlay/token_bucket.hpp"

#include <algorithm>

namespace artel {

namespace {

constexpr std::int64_t parts = 1'000'000;

std::int64_t bounded(std::uint64_t amount) noexcept {
  return static_cast<std::int64_t>(std::min(amount, token_bucket::amount_max));
}

} // namespace

token_bucket::token_bucket(const token_terms& terms, instant now) noexcept
  : full_(bounded(terms.burst) * parts),
    level_(full_),
    rate_(bounded(terms.rate)),
    filled_(now) {
}

std::int64_t token_bucket::level_at(instant now) const noexcept {
  auto elapsed = (now - filled_).count();
  if (elapsed <= 0 || rate_ == 0)
    return level_;
  // Compared before it is multiplied, which could overflow.
  return elapsed > (full_ - level_) / rate_ ? full_ : level_ + rate_ * elapsed;
}

std::int64_t token_bucket::needed_for(std::uint64_t cost) const noexcept {
  return std::min(bounded(cost) * parts, full_);
}

bool token_bucket::admits(std::uint64_t cost, instant now) noexcept {
  auto level = level_at(now);
  if (level < needed_for(cost))
    return false;
  level_ = level - bounded(cost) * parts;
  filled_ = std::max(filled_, now);
  return true;
}

microseconds token_bucket::wait_for(std::uint64_t cost,
                                    instant now) const noexcept {
  auto missing = needed_for(cost) - level_at(now);
  if (missing <= 0)
    return microseconds{0};
  if (rate_ == 0)
    return microseconds::max();
  return microseconds{(missing + rate_ - 1) / rate_};
}

bool token_bucket::is_full(instant now) const noexcept {
  return level_at(now) == full_;
}

} // namespace artel
