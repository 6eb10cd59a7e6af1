// Exact decimal numbers, as programs print them: whole numbers and fractions
// of up to nine decimals. No floating point: a sum is the same in any order.
#pragma once

#include "protocol/core/result.hpp"

#include <compare>
#include <string>
#include <string_view>

namespace artel {

__extension__ typedef __int128 int128;

/// A number in billionths. 128 bits hold up to about 1.7e29 either way, so ten
/// million 64-bit integers add up with room to spare.
struct decimal {
  int128 billionths = 0;

  auto operator<=>(const decimal&) const = default;
};

/// Reads "42", "-5" or "3.25"; white space around it is ignored.
/// invalid_argument for anything else, overflow past 128 bits.
result<decimal> parse_decimal(std::string_view text);

/// overflow where the sum leaves 128 bits.
result<decimal> add(decimal a, decimal b);

/// The shortest exact form: "42", "-5", "3.25".
std::string to_string(decimal number);

} // namespace artel
