// Whole numbers of any size, exact.
#pragma once

#include "protocol/core/result.hpp"

#include <cstddef>
#include <string>
#include <string_view>

#include <boost/multiprecision/cpp_int.hpp>

namespace artel::sandbox {

using whole_number = boost::multiprecision::cpp_int;

/// Reads "42", "-5" or "+7": a sign and decimal digits, and nothing else.
/// invalid_argument for anything else, limit_exceeded for too many digits. The
/// time grows with the square of the digits.
result<whole_number> parse_whole_number(std::string_view text,
                                        std::size_t digits_max);

/// Decimal, without leading zeros.
std::string to_string(const whole_number& number);

} // namespace artel::sandbox
