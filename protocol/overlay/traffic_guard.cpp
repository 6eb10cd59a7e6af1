#include "protocol/overlay/traffic_guard.hpp"

#include <algorithm>

namespace artel {

namespace {

constexpr std::uint64_t burst_seconds = 2;
constexpr std::chrono::seconds one_second{1};

std::optional<token_bucket> make_bucket(std::uint64_t rate, instant now) {
  if (rate == 0)
    return std::nullopt;
  rate = std::min(rate, token_bucket::amount_max);
  return token_bucket{{rate, rate * burst_seconds}, now};
}

bool is_far_beyond(std::uint64_t count, std::uint64_t rate) {
  return rate > 0 && count / traffic_guard::flood_factor > rate;
}

} // namespace

std::uint64_t smaller_bound(std::uint64_t a, std::uint64_t b) noexcept {
  if (a == 0 || b == 0)
    return std::max(a, b);
  return std::min(a, b);
}

traffic_guard::traffic_guard(const traffic_terms& terms, instant now) {
  set_terms(terms, now);
}

void traffic_guard::set_terms(const traffic_terms& terms, instant now) {
  if (terms == terms_)
    return;
  terms_ = terms;
  messages_ = make_bucket(terms.messages_per_second, now);
  bytes_ = make_bucket(terms.bytes_per_second, now);
  second_start_ = now;
  second_messages_ = 0;
  second_bytes_ = 0;
  flooded_seconds_ = 0;
}

bool traffic_guard::is_flood(std::uint64_t bytes, instant now) {
  auto passed = now - second_start_;
  if (passed >= one_second) {
    auto was_beyond =
      is_far_beyond(second_messages_, terms_.messages_per_second)
      || is_far_beyond(second_bytes_, terms_.bytes_per_second);
    // A second of silence ends the row.
    auto in_a_row = passed < 2 * one_second;
    flooded_seconds_ = was_beyond && in_a_row ? flooded_seconds_ + 1 : 0;
    second_start_ = now;
    second_messages_ = 0;
    second_bytes_ = 0;
  }
  ++second_messages_;
  second_bytes_ += bytes;
  return flooded_seconds_ >= flood_seconds;
}

traffic_verdict traffic_guard::take(std::uint64_t bytes, instant now) {
  if (!messages_ && !bytes_)
    return traffic_verdict::admit;
  if (is_flood(bytes, now))
    return traffic_verdict::flood;
  // Both are charged, also where one says no.
  auto by_count = !messages_ || messages_->admits(1, now);
  auto by_size = !bytes_ || bytes_->admits(bytes, now);
  return by_count && by_size ? traffic_verdict::admit : traffic_verdict::drop;
}

} // namespace artel
