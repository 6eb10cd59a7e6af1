// The kernel count_primes: how many primes lie in a range.
#pragma once

#include "sandbox/executor.hpp"

namespace artel::sandbox {

run_result run_count_primes(const run_request& request,
                            const std::stop_token& stop);

} // namespace artel::sandbox
