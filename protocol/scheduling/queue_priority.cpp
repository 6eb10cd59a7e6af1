#include "protocol/scheduling/queue_priority.hpp"

#include <algorithm>

namespace artel {

namespace {

/// Amounts that count as 1.
constexpr credits balance_full = whole_credits(10'000);
constexpr credits reward_full = whole_credits(1);

/// In parts per million.
std::int64_t share(credits amount, credits full) noexcept {
  auto counted = std::clamp(amount, credits{}, full);
  return counted.micro * ppm_one / full.micro;
}

std::int64_t share(urgency_level urgency) noexcept {
  auto level = std::clamp(urgency, urgency_level::low, urgency_level::critical);
  auto steps = static_cast<std::int64_t>(level)
               - static_cast<std::int64_t>(urgency_level::low);
  return steps * ppm_one / 3;
}

} // namespace

ppm queue_priority(const priority_inputs& inputs) noexcept {
  auto reputation =
    std::clamp(inputs.requester_reputation, ppm{0}, ppm{ppm_one});
  auto sum = 4 * share(inputs.balance, balance_full)
             + 3 * share(inputs.reward, reward_full) + 2 * share(inputs.urgency)
             + reputation.value;
  return {static_cast<std::int32_t>(sum / 10)};
}

} // namespace artel
