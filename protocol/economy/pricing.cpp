#include "protocol/economy/pricing.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/verification/majority.hpp"

#include <algorithm>
#include <limits>
#include <string>

namespace artel {

namespace {

// Wide enough for the largest request: 2^80 of resources, times urgency (2^11),
// reputation (2^11) and market (2^21).
__extension__ using wide = unsigned __int128;
__extension__ using wide_difference = __int128;

constexpr std::uint64_t gigabyte = 1u << 30;
/// Micro-credits a minute for 0.1 % of a core or GPU, and for a gigabyte.
constexpr std::uint64_t cpu_permille_rate = 1'000;
constexpr std::uint64_t gpu_permille_rate = 5'000;
constexpr std::uint64_t ram_gigabyte_rate = 20'000;
constexpr std::uint64_t disk_gigabyte_rate = 5'000;
/// All jobs of a task together, in micro-credits.
constexpr std::int64_t task_price_min = 10'000;
constexpr std::int64_t milliseconds_per_minute = 60'000;

result<std::uint64_t> urgency_permille(urgency_level urgency) {
  switch (urgency) {
    case urgency_level::low: return 800;
    case urgency_level::normal: return 1'000;
    case urgency_level::high: return 1'500;
    case urgency_level::critical: return 2'000;
  }
  return {errc::invalid_argument,
          "urgency " + std::to_string(static_cast<int>(urgency))
            + " is none; expected 1 (low) to 4 (critical)"};
}

result<std::uint64_t> reputation_permille(reputation_level level) {
  switch (level) {
    case reputation_level::terrible: return 1'500;
    case reputation_level::poor: return 1'200;
    case reputation_level::average: return 1'000;
    case reputation_level::good: return 900;
    case reputation_level::excellent: return 800;
  }
  return {errc::invalid_argument,
          "reputation level " + std::to_string(static_cast<int>(level))
            + " is none; expected 1 (terrible) to 5 (excellent)"};
}

} // namespace

result<credits> rate_per_minute(const price_request& request) {
  if (request.market < market_min || request.market > market_max)
    return {errc::out_of_range, "a market adjustment of "
                                  + std::to_string(request.market.value)
                                  + " parts per million; expected "
                                  + std::to_string(market_min.value) + " to "
                                  + std::to_string(market_max.value)};
  auto urgency = urgency_permille(request.urgency);
  if (!urgency)
    return urgency.error();
  auto reputation = reputation_permille(request.requester);
  if (!reputation)
    return reputation.error();
  // In micro-credits x gigabyte, so that bytes divide without a remainder.
  auto scaled = wide{request.cpu_permille} * cpu_permille_rate * gigabyte
                + wide{request.gpu_permille} * gpu_permille_rate * gigabyte
                + wide{request.ram_bytes} * ram_gigabyte_rate
                + wide{request.disk_bytes} * disk_gigabyte_rate;
  scaled *= *urgency;
  scaled *= *reputation;
  scaled *= static_cast<std::uint32_t>(request.market.value);
  auto divisor = wide{gigabyte} * 1'000 * 1'000 * ppm_one;
  auto rate = (scaled + divisor - 1) / divisor;
  if (rate > std::numeric_limits<std::int64_t>::max())
    return {errc::overflow, "the rate per minute does not fit 64 bits"};
  return credits{static_cast<std::int64_t>(rate)};
}

result<credits> price_per_job(const price_request& request,
                              std::uint64_t jobs) {
  if (jobs == 0)
    return {errc::out_of_range, "a price for 0 jobs; expected at least 1"};
  if (request.estimate.count() <= 0)
    return {errc::out_of_range, "an estimate of "
                                  + std::to_string(request.estimate.count())
                                  + " ms for a job; expected at least 1 ms"};
  auto rate = rate_per_minute(request);
  if (!rate)
    return rate.error();
  auto price = multiply_divide_up(rate->micro, request.estimate.count(),
                                  milliseconds_per_minute);
  if (!price)
    return price.error();
  // With more jobs than micro-credits in the floor, one is left for each.
  auto counted =
    static_cast<std::int64_t>(std::min<std::uint64_t>(jobs, task_price_min));
  auto share = (task_price_min + counted - 1) / counted;
  return std::max({credits{*price}, credits{share}, request.price_floor});
}

result<credits> price_of_task(credits per_job, std::uint64_t jobs,
                              const verification_policy& policy) {
  if (per_job.micro <= 0)
    return {errc::out_of_range, "a price of " + to_string(per_job)
                                  + " credits a job; expected more than 0"};
  if (jobs == 0)
    return {errc::out_of_range, "a price for 0 jobs; expected at least 1"};
  if (!is_sound(policy))
    return {errc::out_of_range,
            std::to_string(policy.replicas) + " to "
              + std::to_string(policy.replicas_max)
              + " replicas of a job with an agreement of "
              + std::to_string(policy.agreement.value)
              + " parts per million; expected 1 to "
              + std::to_string(limits::replicas_max)
              + " replicas and more than 500000 to 1000000"};
  auto replicas = wide{jobs} * paid_replicas_max(policy);
  if (replicas > std::numeric_limits<std::int64_t>::max())
    return {errc::overflow, "the number of replicas does not fit 64 bits"};
  return multiply(per_job, static_cast<std::int64_t>(replicas));
}

ppm adjust_market(ppm current, std::uint64_t demand,
                  std::uint64_t supply) noexcept {
  current = std::clamp(current, market_min, market_max);
  auto larger = std::max(demand, supply);
  if (larger == 0)
    return current;
  auto excess = wide_difference{demand} - wide_difference{supply};
  auto step = excess * current.value / (wide_difference{larger} * 10);
  ppm moved{current.value + static_cast<std::int32_t>(step)};
  return std::clamp(moved, market_min, market_max);
}

} // namespace artel
