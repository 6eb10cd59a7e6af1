// What an honest job must find around it, whatever ran before.
#pragma once

#include "sandbox/executor.hpp"

#include <string>

namespace artel::hostile {

/// All that the native programs tell where they are asked to be honest.
std::string honest_output(const sandbox::run_request& request);

/// The first line in which two texts differ; empty where they don't.
std::string first_difference(const std::string& expected,
                             const std::string& seen);

} // namespace artel::hostile
