#include "runtime/config/units_text.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/message_text.hpp"

#include <array>
#include <cstddef>
#include <limits>
#include <optional>
#include <utility>

namespace artel::runtime {

namespace {

constexpr auto number_max = std::numeric_limits<std::uint64_t>::max();
/// Far more than validation allows; keeps sums of parts within 64 bits.
constexpr std::uint64_t duration_ms_max = 10'000ull * 24 * 60 * 60 * 1000;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

std::string_view trimmed(std::string_view text) {
  auto first = text.find_first_not_of(' ');
  if (first == std::string_view::npos)
    return {};
  return text.substr(first, text.find_last_not_of(' ') - first + 1);
}

std::string lower(std::string_view text) {
  std::string result{text};
  for (auto& c : result)
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
  return result;
}

/// a x b, or nothing where it does not fit.
std::optional<std::uint64_t> times(std::uint64_t a, std::uint64_t b) {
  if (b != 0 && a > number_max / b)
    return std::nullopt;
  return a * b;
}

enum class digits_fault { none, malformed, too_large };

/// Digits, with single underscores between them.
digits_fault read_digits(std::string_view text, std::uint64_t& value) {
  value = 0;
  if (text.empty() || !is_digit(text.front()) || !is_digit(text.back()))
    return digits_fault::malformed;
  bool too_large = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Neither end is an underscore, so both neighbours exist.
    if (text[i] == '_' && text[i - 1] != '_')
      continue;
    if (!is_digit(text[i]))
      return digits_fault::malformed;
    auto digit = static_cast<std::uint64_t>(text[i] - '0');
    too_large = too_large || value > (number_max - digit) / 10;
    value = value * 10 + digit;
  }
  return too_large ? digits_fault::too_large : digits_fault::none;
}

/// mantissa x base^exponent, for "10^9" (1 x 10^9) and "2e6" (2 x 10^6).
digits_fault raise(std::uint64_t& value, std::uint64_t base,
                   std::uint64_t exponent) {
  // The value stays as it is from here on, whatever the exponent.
  if (base <= 1 || value == 0) {
    if (base == 0 && exponent > 0)
      value = 0;
    return digits_fault::none;
  }
  for (std::uint64_t i = 0; i < exponent; ++i) {
    auto next = times(value, base);
    if (!next)
      return digits_fault::too_large;
    value = *next;
  }
  return digits_fault::none;
}

digits_fault read_number(std::string_view text, std::uint64_t& value) {
  auto mark = text.find_first_of("^eE");
  if (mark == std::string_view::npos)
    return read_digits(text, value);
  std::uint64_t left = 0;
  std::uint64_t exponent = 0;
  for (auto [part, target] : {std::pair{text.substr(0, mark), &left},
                              std::pair{text.substr(mark + 1), &exponent}})
    if (auto fault = read_digits(part, *target); fault != digits_fault::none)
      return fault;
  auto is_power = text[mark] == '^';
  value = is_power ? 1 : left;
  return raise(value, is_power ? left : 10, exponent);
}

struct unit {
  std::string_view name;
  std::uint64_t factor = 1;
};

constexpr std::array<unit, 10> byte_units{{
  {"", 1},
  {"b", 1},
  {"kb", 1'000},
  {"mb", 1'000'000},
  {"gb", 1'000'000'000},
  {"tb", 1'000'000'000'000},
  {"kib", 1ull << 10},
  {"mib", 1ull << 20},
  {"gib", 1ull << 30},
  {"tib", 1ull << 40},
}};

constexpr std::array<unit, 6> time_units{{
  {"d", 24ull * 60 * 60 * 1000},
  {"h", 60ull * 60 * 1000},
  {"m", 60'000},
  {"min", 60'000},
  {"s", 1'000},
  {"ms", 1},
}};

template <std::size_t Size>
const unit* find_unit(const std::array<unit, Size>& units,
                      std::string_view name) {
  for (const auto& one : units)
    if (one.name == name)
      return &one;
  return nullptr;
}

/// The milliseconds of "1.5" in a unit, number_max where they are too many;
/// nothing unless they are whole.
std::optional<std::uint64_t> scaled(std::string_view number,
                                    std::uint64_t factor) {
  auto point = number.find('.');
  std::uint64_t whole = 0;
  auto fault = read_digits(number.substr(0, point), whole);
  if (fault == digits_fault::malformed)
    return std::nullopt;
  auto value = times(whole, factor);
  if (fault == digits_fault::too_large || !value || *value > duration_ms_max)
    return number_max;
  if (point == std::string_view::npos)
    return value;
  auto decimals = number.substr(point + 1);
  std::uint64_t fraction = 0;
  if (decimals.size() > 9
      || read_digits(decimals, fraction) != digits_fault::none)
    return std::nullopt;
  std::uint64_t divisor = 1;
  for (auto c : decimals)
    divisor *= c == '_' ? 1 : 10;
  if (fraction * factor % divisor != 0)
    return std::nullopt;
  return *value + fraction * factor / divisor;
}

} // namespace

result<std::uint64_t> parse_whole_number(std::string_view text) {
  std::uint64_t value = 0;
  switch (read_number(trimmed(text), value)) {
    case digits_fault::none: return value;
    case digits_fault::too_large:
      return {errc::out_of_range, quoted(text) + " is too large a number"};
    case digits_fault::malformed: break;
  }
  return {errc::malformed,
          quoted(text)
            + " is not a whole number; expected digits, such as"
              " 1000, 1_000 or 10^3"};
}

result<std::uint64_t> parse_bytes(std::string_view text) {
  auto fail = [text](errc code, std::string_view what) {
    return result<std::uint64_t>{
      code, quoted(text) + std::string{what}
              + "; expected a number with a unit (B, KB, MB, GB, KiB, MiB,"
                " GiB), such as \"256MiB\""};
  };
  auto given = trimmed(text);
  auto end = given.find_first_not_of("0123456789_");
  auto number = given.substr(0, end);
  auto name = end == std::string_view::npos ? std::string_view{}
                                            : trimmed(given.substr(end));
  std::uint64_t value = 0;
  auto fault = read_digits(number, value);
  const auto* found = find_unit(byte_units, lower(name));
  if (fault == digits_fault::malformed || found == nullptr)
    return fail(errc::malformed, " is not a size");
  auto bytes = times(value, found->factor);
  if (fault == digits_fault::too_large || !bytes)
    return fail(errc::out_of_range, " is too large a size");
  return *bytes;
}

result<milliseconds> parse_duration(std::string_view text) {
  auto fail = [text] {
    return result<milliseconds>{
      errc::malformed,
      quoted(text)
        + " is not a time; expected a number with a unit (ms, s, m,"
          " h, d), such as \"10s\" or \"1h30m\""};
  };
  auto rest = trimmed(text);
  if (rest.empty())
    return fail();
  std::uint64_t total = 0;
  std::uint64_t last_factor = number_max;
  while (!rest.empty()) {
    auto end = rest.find_first_not_of("0123456789_.");
    if (end == std::string_view::npos)
      return fail();
    auto number = rest.substr(0, end);
    rest = rest.substr(end);
    auto next = rest.find_first_of("0123456789");
    auto name = trimmed(rest.substr(0, next));
    rest =
      next == std::string_view::npos ? std::string_view{} : rest.substr(next);
    const auto* found = find_unit(time_units, lower(name));
    if (found == nullptr || found->factor >= last_factor)
      return fail();
    last_factor = found->factor;
    auto part = scaled(number, found->factor);
    if (!part)
      return fail();
    if (*part > duration_ms_max - total)
      return {errc::out_of_range, quoted(text) + " is too long a time"};
    total += *part;
  }
  return milliseconds{static_cast<std::int64_t>(total)};
}

std::string bytes_text(std::uint64_t count) {
  constexpr std::array<std::pair<int, std::string_view>, 4> units{{
    {40, "TiB"},
    {30, "GiB"},
    {20, "MiB"},
    {10, "KiB"},
  }};
  for (auto [shift, name] : units)
    if (auto whole = count >> shift; whole > 0 && whole << shift == count)
      return std::to_string(whole).append(name);
  return std::to_string(count);
}

std::string time_text(milliseconds duration) {
  auto count = duration.count();
  if (count != 0 && count % 1000 == 0)
    return std::to_string(count / 1000) + "s";
  return std::to_string(count) + "ms";
}

result<number_range> parse_range(std::string_view text) {
  auto dots = text.find("..");
  if (dots != std::string_view::npos) {
    number_range range;
    auto first = read_number(trimmed(text.substr(0, dots)), range.first);
    auto last = read_number(trimmed(text.substr(dots + 2)), range.last);
    if (first == digits_fault::none && last == digits_fault::none)
      return range;
    if (first != digits_fault::malformed && last != digits_fault::malformed)
      return {errc::out_of_range,
              quoted(text) + " is too large; expected numbers up to "
                + std::to_string(limits::range_value_max) + " (2^63 - 1)"};
  }
  return {errc::malformed,
          quoted(text)
            + " is not a range; expected \"FIRST..LAST\", such as"
              " \"1..1000\" (both included)"};
}

} // namespace artel::runtime
