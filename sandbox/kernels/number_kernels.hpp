// The kernels sum, min and max: over all whole numbers of a range, or over
// those in the job's data, one a line. Blank lines, and blanks around a number,
// are passed over.
#pragma once

#include "sandbox/executor.hpp"

#include <cstddef>

namespace artel::sandbox {

/// Digits of one number in the data.
inline constexpr std::size_t data_number_digits_max = 1000;

/// Exact, however large; of no numbers "0".
run_result run_sum(const run_request& request, const std::stop_token& stop);

/// exec_failed where there are no numbers.
run_result run_min(const run_request& request, const std::stop_token& stop);
run_result run_max(const run_request& request, const std::stop_token& stop);

} // namespace artel::sandbox
