// Plans and reports in words, for people. Pure functions.
#pragma once

#include "actors/events.hpp"
#include "protocol/core/time.hpp"
#include "protocol/task/chunk_plan.hpp"

#include <cstdint>
#include <string>

namespace artel::tools {

/// What a task did and what it cost: a headline, jobs, replicas, a table of
/// nodes, credits before and after; the fuel of all replicas where there was
/// some. Ends with a newline.
std::string summary_text(const task_report& report,
                         std::uint64_t fuel_used = 0);

/// Why a task did not complete, each failed job with the end of its standard
/// error. Empty for one that did.
std::string failure_text(const task_report& report);

/// What a task will take: jobs, chunks, price, candidates, and what stands in
/// its way.
std::string plan_text(const plan_report& plan, const chunk_plan& chunks);

/// "2026-11-21 18:04:05 UTC"; a number where it is no date that people use.
std::string moment_text(wall_time moment);

/// "1..1000", "file LGPL-3", "big.txt bytes 0..4095".
std::string chunk_text(const chunk& one);

} // namespace artel::tools
