#include "protocol/task/decimal.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>

namespace artel {

namespace {

constexpr std::size_t decimals_max = 9;
constexpr int128 billion = 1'000'000'000;

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view white_space = " \t\r\n\v\f";
  auto first = text.find_first_not_of(white_space);
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(white_space) - first + 1);
}

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c >= '0' && c <= '9';
  });
}

/// target = target x 10 + digit, counted away from zero; false past 128 bits.
bool append_digit(int128& target, int digit, bool negative) {
  return !__builtin_mul_overflow(target, int128{10}, &target)
         && !__builtin_add_overflow(target, int128{negative ? -digit : digit},
                                    &target);
}

} // namespace

result<decimal> parse_decimal(std::string_view text) {
  text = trimmed(text);
  if (text.empty())
    return {errc::invalid_argument, "nothing where a number was expected"};
  auto negative = text.front() == '-';
  auto digits = text.substr(negative ? 1 : 0);
  auto point = digits.find('.');
  auto whole = digits.substr(0, point);
  auto has_point = point != std::string_view::npos;
  auto fraction = has_point ? digits.substr(point + 1) : std::string_view{};
  if (!all_digits(whole) || (has_point && !all_digits(fraction)))
    return {errc::invalid_argument,
            quoted(text) + " is not a number; expected one like 42 or -3.25"};
  if (fraction.size() > decimals_max)
    return {errc::invalid_argument, quoted(text) + " has "
                                      + std::to_string(fraction.size())
                                      + " decimals; expected 9 at most"};
  decimal number;
  auto fits = true;
  for (auto c : whole)
    fits = fits && append_digit(number.billionths, c - '0', negative);
  for (std::size_t i = 0; i < decimals_max; ++i) {
    auto digit = i < fraction.size() ? fraction[i] - '0' : 0;
    fits = fits && append_digit(number.billionths, digit, negative);
  }
  if (!fits)
    return {errc::overflow, quoted(text)
                              + " is too large; numbers up to about 1.7e29"
                                " are added exactly"};
  return number;
}

result<decimal> add(decimal a, decimal b) {
  decimal sum;
  if (__builtin_add_overflow(a.billionths, b.billionths, &sum.billionths))
    return {errc::overflow, to_string(a) + " + " + to_string(b)
                              + " is too large; sums up to about 1.7e29 are"
                                " exact"};
  return sum;
}

std::string to_string(decimal number) {
  // The smallest value has no positive twin: its parts have.
  auto negative = number.billionths < 0;
  auto whole = number.billionths / billion;
  auto fraction = static_cast<std::int64_t>(number.billionths % billion);
  if (negative) {
    whole = -whole;
    fraction = -fraction;
  }
  std::string text;
  do {
    text += static_cast<char>('0' + static_cast<int>(whole % 10));
    whole /= 10;
  } while (whole != 0);
  if (negative)
    text += '-';
  std::reverse(text.begin(), text.end());
  if (fraction == 0)
    return text;
  auto decimals = std::to_string(fraction);
  decimals.insert(0, decimals_max - decimals.size(), '0');
  decimals.erase(decimals.find_last_not_of('0') + 1);
  return text + "." + decimals;
}

} // namespace artel
