// Plans and reports as JSON documents: what -o json prints.
#pragma once

#include "actors/events.hpp"
#include "runtime/observe/json.hpp"

namespace artel::runtime {

json plan_json(const plan_report& plan);

/// The keys: task, name, state, problem (code, message; only where there is
/// one), jobs, replicas, retries, elapsed_ms, nodes, failed_jobs, settlement.
/// The result is for the caller to add: it knows what it stands for.
json report_json(const task_report& report);

} // namespace artel::runtime
