// Integer units for all that two nodes must agree on. No floating point.
#pragma once

#include "protocol/core/result.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace artel {

/// An amount of credits in micro-credits (1 credit = 1,000,000). May be
/// negative in differences; balances never are. Arithmetic is checked:
/// add, subtract and multiply give errc::overflow instead of wrapping.
struct credits {
  std::int64_t micro = 0;

  auto operator<=>(const credits&) const = default;
};

inline constexpr std::int64_t micro_per_credit = 1'000'000;

constexpr credits microcredits(std::int64_t amount) noexcept {
  return credits{amount};
}

constexpr credits whole_credits(std::int64_t amount) noexcept {
  return credits{amount * micro_per_credit};
}

result<credits> add(credits a, credits b);
result<credits> subtract(credits a, credits b);
result<credits> multiply(credits a, std::int64_t factor);

/// "12.5", "0.000001": at most six fractional digits; no exponent, no sign.
result<credits> parse_credits(std::string_view text);

/// The shortest exact decimal form: "12.5", "-0.000001", "100".
std::string to_string(credits amount);

/// A ratio in parts per million: 1,000,000 = 1.0.
struct ppm {
  std::int32_t value = 0;

  auto operator<=>(const ppm&) const = default;
};

inline constexpr std::int32_t ppm_one = 1'000'000;

/// a * numerator / denominator in 128 bits, rounded half away from zero;
/// overflow when the result leaves 64 bits. The denominator is above zero.
result<std::int64_t> multiply_divide(std::int64_t a, std::int64_t numerator,
                                     std::int64_t denominator);

/// Like multiply_divide, rounded up (away from zero for positive results).
result<std::int64_t> multiply_divide_up(std::int64_t a, std::int64_t numerator,
                                        std::int64_t denominator);

} // namespace artel
