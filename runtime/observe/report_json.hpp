// Plans and reports as JSON documents: what -o json prints.
#pragma once

#include "actors/events.hpp"
#include "protocol/task/output_file.hpp"
#include "runtime/observe/json.hpp"

#include <cstdint>
#include <vector>

namespace artel::runtime {

json plan_json(const plan_report& plan);

/// The keys: task, name, state, problem (code, message; only where there is
/// one), jobs, replicas, retries, fuel_used (only where there was some),
/// elapsed_ms, nodes, failed_jobs, settlement (with claims only where it was
/// paid by signed claims, which nobody has witnessed yet). The result is for
/// the caller to add: it knows what it stands for.
json report_json(const task_report& report, std::uint64_t fuel_used = 0);

/// An array of name, bytes and sha256: what sha256sum says of the file.
json files_json(const std::vector<output_file>& files);

} // namespace artel::runtime
