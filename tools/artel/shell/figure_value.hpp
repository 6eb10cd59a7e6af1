// A value of an expression: of what kind it is, how it compares, how people
// read it. Numbers are exact: six decimal places, no rounding.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

namespace artel::tools {

enum class figure_kind : std::uint8_t {
  number = 1,
  /// A share: 0.4 and 40% are the same.
  percent,
  duration,
  credits,
  text,
  /// true or false.
  truth,
  /// What a task printed: a number where it reads as one, else a text.
  output,
};

/// "a number", "a duration".
std::string_view name_of(figure_kind kind) noexcept;

/// Sign, whole part and millionths.
struct decimal {
  bool is_negative = false;
  std::uint64_t whole = 0;
  std::uint32_t millionths = 0;

  static decimal of_micro(std::int64_t micro);

  std::strong_ordering operator<=>(const decimal& other) const noexcept;
  bool operator==(const decimal& other) const noexcept {
    return (*this <=> other) == 0;
  }
};

/// "12", "-0.4", "1_000", "10^9", "1e6"; malformed, or out_of_range.
result<decimal> parse_decimal(std::string_view text);
std::string to_string(const decimal& value);

struct figure_value {
  figure_kind kind = figure_kind::number;
  /// There is none yet: it equals nothing.
  bool is_missing = false;
  /// Written in the expression; a number adapts to percents and credits.
  bool is_literal = false;
  /// A share of 1, seconds, or whole credits, by the kind.
  decimal number;
  bool truth = false;
  std::string text;
};

figure_value number_value(std::uint64_t number);
figure_value percent_value(ppm share);
figure_value duration_value(microseconds span);
figure_value credits_value(credits amount);
figure_value text_value(std::string_view text);
figure_value truth_value(bool truth);
figure_value output_value(std::string_view text);
/// Of a figure that is not known yet.
figure_value missing_value(figure_kind kind);

/// A word that begins with a digit: "12", "0.4", "40%", "2s", "100us", "10MB".
result<figure_value> parse_number_literal(std::string_view text);

/// What can be compared, in words; empty: these two can.
std::string unlike_kinds(const figure_value& a, const figure_value& b);

enum class comparison : std::uint8_t {
  equal = 1,
  unequal,
  less,
  less_or_equal,
  greater,
  greater_or_equal,
};

/// Of values that can be compared.
bool compare(const figure_value& a, comparison how, const figure_value& b);

/// "0.52", "52%", "2 s", "12.5 credits", "completed", "true".
std::string to_string(const figure_value& value);

/// "12.5 s", with as many decimal places as it takes.
std::string span_text(microseconds span);

} // namespace artel::tools
