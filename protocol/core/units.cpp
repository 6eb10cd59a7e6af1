#include "protocol/core/units.hpp"

#include <limits>

namespace artel {

namespace {

__extension__ using wide = __int128;

result<std::int64_t> narrow(wide value) {
  if (value > std::numeric_limits<std::int64_t>::max()
      || value < std::numeric_limits<std::int64_t>::min())
    return {errc::overflow, "amount does not fit 64 bits"};
  return static_cast<std::int64_t>(value);
}

result<credits> narrow_credits(wide value) {
  auto amount = narrow(value);
  if (!amount)
    return amount.error();
  return credits{*amount};
}

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

} // namespace

result<credits> add(credits a, credits b) {
  return narrow_credits(wide{a.micro} + b.micro);
}

result<credits> subtract(credits a, credits b) {
  return narrow_credits(wide{a.micro} - b.micro);
}

result<credits> multiply(credits a, std::int64_t factor) {
  return narrow_credits(wide{a.micro} * factor);
}

result<credits> parse_credits(std::string_view text) {
  auto fail = [&] {
    return result<credits>{errc::malformed,
                           "'" + std::string{text}
                             + "' is not an amount of credits; expected digits"
                               " with up to six decimals, such as 2.5"};
  };
  wide micro = 0;
  int decimals = -1;
  bool any_digit = false;
  for (auto c : text) {
    if (c == '.' && decimals < 0) {
      decimals = 0;
      continue;
    }
    if (!is_digit(c) || decimals == 6)
      return fail();
    micro = micro * 10 + (c - '0');
    any_digit = true;
    if (decimals >= 0)
      ++decimals;
    if (micro > std::numeric_limits<std::int64_t>::max())
      return {errc::overflow,
              "'" + std::string{text} + "' is too many credits"};
  }
  if (!any_digit || decimals == 0)
    return fail();
  for (int i = decimals < 0 ? 0 : decimals; i < 6; ++i)
    micro *= 10;
  if (micro > std::numeric_limits<std::int64_t>::max())
    return {errc::overflow, "'" + std::string{text} + "' is too many credits"};
  return credits{static_cast<std::int64_t>(micro)};
}

std::string to_string(credits amount) {
  // Negating in 128 bits keeps the smallest 64-bit value whole.
  wide micro = amount.micro;
  std::string text = micro < 0 ? "-" : "";
  if (micro < 0)
    micro = -micro;
  text += std::to_string(static_cast<std::uint64_t>(micro / micro_per_credit));
  auto rest = static_cast<std::uint64_t>(micro % micro_per_credit);
  if (rest == 0)
    return text;
  auto decimals = std::to_string(rest);
  decimals.insert(0, 6 - decimals.size(), '0');
  decimals.erase(decimals.find_last_not_of('0') + 1);
  return text + "." + decimals;
}

result<std::int64_t> multiply_divide(std::int64_t a, std::int64_t numerator,
                                     std::int64_t denominator) {
  auto product = wide{a} * numerator;
  auto half = wide{denominator} / 2;
  return narrow((product + (product < 0 ? -half : half)) / denominator);
}

result<std::int64_t> multiply_divide_up(std::int64_t a, std::int64_t numerator,
                                        std::int64_t denominator) {
  auto product = wide{a} * numerator;
  auto quotient = product / denominator;
  if (product > 0 && product % denominator != 0)
    ++quotient;
  return narrow(quotient);
}

} // namespace artel
