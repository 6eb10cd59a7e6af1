// The kernel sum_polynomial: the sum of a polynomial's values over a range, as
// an exact whole number. Its time does not depend on the range's length.
#pragma once

#include "sandbox/executor.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace artel::sandbox {

inline constexpr std::size_t polynomial_degree_max = 16;
inline constexpr std::size_t coefficient_digits_max = 64;

/// The arguments are the coefficients c0 c1 c2 ... of c0 + c1 x + c2 x^2 + ...:
/// one at least. invalid_argument or limit_exceeded, with the argument's
/// number.
result<void> check_coefficients(const std::vector<std::string>& arguments);

/// The arguments are sound.
run_result run_sum_polynomial(const run_request& request,
                              const std::stop_token& stop);

} // namespace artel::sandbox
