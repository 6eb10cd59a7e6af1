// Tells from what was seen of a run what ended it, in a code and in words.
#pragma once

#include "sandbox/executor.hpp"
#include "sandbox/process/supervisor.hpp"

#include <string>

namespace artel::sandbox {

/// A run that never came to be: nothing used, nothing put out.
run_result failed_run(run_outcome outcome, std::string detail);

/// The program is named as the bundle names it. Pure.
run_result decide(observation seen, const execution_limits& limits,
                  const std::string& program);

/// What to do where bubblewrap could not set up a sandbox, after its own words.
std::string setup_advice(const std::string& bubblewrap_message);

} // namespace artel::sandbox
