#include "sandbox/kernels/whole_number.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <cstdint>

namespace artel::sandbox {

namespace {

/// As many decimal digits as always fit a machine word.
constexpr std::size_t group_digits = 18;

std::uint64_t value_of(std::string_view digits) {
  std::uint64_t value = 0;
  for (auto digit : digits)
    value = value * 10 + static_cast<std::uint64_t>(digit - '0');
  return value;
}

} // namespace

result<whole_number> parse_whole_number(std::string_view text,
                                        std::size_t digits_max) {
  auto has_sign = text.starts_with('-') || text.starts_with('+');
  auto digits = text.substr(has_sign ? 1 : 0);
  if (digits.empty() || !std::all_of(digits.begin(), digits.end(), [](char c) {
        return c >= '0' && c <= '9';
      }))
    return {errc::invalid_argument,
            quoted(text)
              + " is not a whole number; expected one like 42 or -5"};
  if (digits.size() > digits_max)
    return {errc::limit_exceeded,
            quoted(text) + " has " + std::to_string(digits.size())
              + " digits; expected at most " + std::to_string(digits_max)};
  constexpr std::uint64_t group = 1'000'000'000'000'000'000;
  auto head = digits.size() % group_digits;
  whole_number number{value_of(digits.substr(0, head))};
  for (digits.remove_prefix(head); !digits.empty();
       digits.remove_prefix(group_digits)) {
    number *= group;
    number += value_of(digits.substr(0, group_digits));
  }
  return text.starts_with('-') ? whole_number{-number} : number;
}

std::string to_string(const whole_number& number) {
  return number.str();
}

} // namespace artel::sandbox
