// The price of a job (M2), in integer micro-credits.
//
//   rate per minute = (cpu% x 0.01 + gpu% x 0.05 + ram_gb x 0.02
//                      + disk_gb x 0.005) x urgency x reputation x market
//   price of a job  = rate x estimate, rounded up, at least one micro-credit;
//                     a task's jobs cost at least 0.01 credit together.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/reputation/reputation_level.hpp"
#include "protocol/task/task_spec.hpp"

#include <cstdint>

namespace artel {

struct price_request {
  std::uint32_t cpu_permille = 1000;
  std::uint32_t gpu_permille = 0;
  std::uint64_t ram_bytes = 0;
  std::uint64_t disk_bytes = 0;
  urgency_level urgency = urgency_level::normal;
  /// The requester's, as whoever quotes sees it.
  reputation_level requester = reputation_level::average;
  /// Supply and demand; 1.0 until a market is observed.
  ppm market{ppm_one};
  milliseconds estimate{1'000};
};

/// Micro-credits a minute, before rounding to a job.
result<credits> rate_per_minute(const price_request& request);

/// One replica of one job of a task of `jobs` jobs in all.
result<credits> price_per_job(const price_request& request, std::uint64_t jobs);

/// What must be held so that no verdict can lack cover:
/// price x jobs x paid_replicas_max.
result<credits> price_of_task(credits per_job, std::uint64_t jobs,
                              const verification_policy& policy);

/// One step of the market adjustment: moves by 0.1 of the relative excess of
/// demand over supply, bounded to 0.5..2.
ppm adjust_market(ppm current, std::uint64_t demand, std::uint64_t supply);

} // namespace artel
