// The price of a job (M2), in integer micro-credits.
//
//   rate per minute = (cpu% x 0.01 + gpu% x 0.05 + ram_gb x 0.02
//                      + disk_gb x 0.005) x urgency x reputation x market
//   price of a job  = rate x estimate
//
// A gigabyte is 2^30 bytes; 1000 per mille are 100 %, one core. The rate is
// computed exactly and rounded up to a whole micro-credit once; the price
// follows from that rate, as people are shown it, and is rounded up likewise:
// no rounding ever costs a worker. A task's jobs cost at least 0.01 credit
// together: each at least 10,000 micro-credits / jobs, rounded up; and each at
// least what its network demands for one.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/reputation/reputation_level.hpp"
#include "protocol/task/task_spec.hpp"

#include <cstdint>

namespace artel {

inline constexpr ppm market_min{ppm_one / 2};
inline constexpr ppm market_max{ppm_one * 2};

struct price_request {
  std::uint32_t cpu_permille = 1000;
  std::uint32_t gpu_permille = 0;
  std::uint64_t ram_bytes = 0;
  std::uint64_t disk_bytes = 0;
  urgency_level urgency = urgency_level::normal;
  /// The requester's, as whoever quotes sees it.
  reputation_level requester = reputation_level::average;
  /// Supply and demand, market_min..market_max; 1.0 until a market is observed.
  ppm market{ppm_one};
  /// What a job is declared to take; above zero.
  milliseconds estimate{1'000};
  /// The network's; see network_config.
  credits price_floor;
};

/// Micro-credits a minute. out_of_range for a market out of bounds,
/// invalid_argument for an urgency or level that is none.
result<credits> rate_per_minute(const price_request& request);

/// One replica of one job of a task of `jobs` jobs in all. out_of_range for
/// no jobs or an estimate not above zero; overflow above 64 bits.
result<credits> price_per_job(const price_request& request, std::uint64_t jobs);

/// What must be held so that no verdict can lack cover:
/// price x jobs x paid_replicas_max. out_of_range unless price and jobs are
/// above zero and the policy is sound; overflow above 64 bits.
result<credits> price_of_task(credits per_job, std::uint64_t jobs,
                              const verification_policy& policy);

/// One step of the market adjustment: moves by 0.1 of the relative excess of
/// demand over supply, (demand - supply) / max(demand, supply), so by a tenth
/// of itself at most; rounded toward zero, bounded to market_min..market_max.
ppm adjust_market(ppm current, std::uint64_t demand,
                  std::uint64_t supply) noexcept;

} // namespace artel
