// What this machine has, measured at start rather than declared.
#pragma once

#include "protocol/wire/messages.hpp"

namespace artel::runtime {

/// Cores this process may use; at least 1.
std::uint32_t usable_cores();

/// Measures cpu_score by a short loop (about 20 ms), asks the system for the
/// rest. No GPU is looked for: gpu_score is 0.
wire::capabilities measure_machine();

} // namespace artel::runtime
