#include "tools/artel/shell/figure_value.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/units_text.hpp"
#include "tools/artel/shell/option_values.hpp"

#include <limits>
#include <optional>

namespace artel::tools {

namespace {

constexpr std::uint32_t million = 1'000'000;
constexpr std::size_t places_max = 6;

/// "05" -> 50000; nothing where these are no digits, or too many.
std::optional<std::uint32_t> parse_places(std::string_view digits) {
  if (digits.empty() || digits.size() > places_max)
    return std::nullopt;
  std::uint32_t value = 0;
  for (std::size_t i = 0; i < places_max; ++i) {
    auto c = i < digits.size() ? digits[i] : '0';
    if (c < '0' || c > '9')
      return std::nullopt;
    value = value * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return value;
}

bool is_zero(const decimal& value) {
  return value.whole == 0 && value.millionths == 0;
}

std::strong_ordering order_of_sizes(const decimal& a, const decimal& b) {
  return a.whole != b.whole ? a.whole <=> b.whole
                            : a.millionths <=> b.millionths;
}

/// 40 -> 0.4
result<decimal> hundredth(const decimal& value) {
  if (value.millionths % 100 != 0)
    return {errc::malformed, "expected at most four decimal places"};
  auto rest = value.whole % 100 * million + value.millionths;
  return decimal{value.is_negative, value.whole / 100,
                 static_cast<std::uint32_t>(rest / 100)};
}

bool is_numeric(figure_kind kind) {
  return kind <= figure_kind::credits;
}

/// Numbers as written adapt to percents and credits, outputs to what they are
/// compared with.
bool adapts(const figure_value& a, const figure_value& b) {
  if (a.kind == figure_kind::output)
    return b.kind == figure_kind::number || b.kind == figure_kind::text;
  return a.is_literal && a.kind == figure_kind::number
         && (b.kind == figure_kind::percent || b.kind == figure_kind::credits);
}

std::string_view example_of(figure_kind kind) {
  switch (kind) {
    case figure_kind::number: return "12 or 0.4";
    case figure_kind::percent: return "40%";
    case figure_kind::duration: return "2s";
    case figure_kind::credits: return "12.5";
    case figure_kind::truth: return "true";
    case figure_kind::output:
    case figure_kind::text: break;
  }
  return "\"a text\"";
}

std::optional<std::strong_ordering> order_of(const figure_value& a,
                                             const figure_value& b) {
  if (a.is_missing || b.is_missing)
    return std::nullopt;
  if (is_numeric(a.kind) && is_numeric(b.kind))
    return a.number <=> b.number;
  if (a.kind == figure_kind::truth)
    return a.truth <=> b.truth;
  // An output and a number: they are unlike where it is none.
  if (is_numeric(a.kind) || is_numeric(b.kind)) {
    auto left =
      is_numeric(a.kind) ? result<decimal>{a.number} : parse_decimal(a.text);
    auto right =
      is_numeric(b.kind) ? result<decimal>{b.number} : parse_decimal(b.text);
    if (!left || !right)
      return std::nullopt;
    return *left <=> *right;
  }
  return a.text <=> b.text;
}

} // namespace

std::string_view name_of(figure_kind kind) noexcept {
  switch (kind) {
    case figure_kind::number: return "a number";
    case figure_kind::percent: return "a percentage";
    case figure_kind::duration: return "a duration";
    case figure_kind::credits: return "an amount of credits";
    case figure_kind::text: return "a text";
    case figure_kind::truth: return "true or false";
    case figure_kind::output: return "a task's output";
  }
  return "nothing";
}

decimal decimal::of_micro(std::int64_t micro) {
  bool negative = micro < 0;
  auto size = negative ? ~static_cast<std::uint64_t>(micro) + 1
                       : static_cast<std::uint64_t>(micro);
  return {negative, size / million, static_cast<std::uint32_t>(size % million)};
}

std::strong_ordering decimal::operator<=>(const decimal& other) const noexcept {
  auto below = is_negative && !is_zero(*this);
  auto other_below = other.is_negative && !is_zero(other);
  if (below != other_below)
    return below ? std::strong_ordering::less : std::strong_ordering::greater;
  return below ? order_of_sizes(other, *this) : order_of_sizes(*this, other);
}

result<decimal> parse_decimal(std::string_view text) {
  decimal value;
  auto digits = text;
  if (digits.starts_with('-')) {
    value.is_negative = true;
    digits.remove_prefix(1);
  }
  auto point = digits.find('.');
  auto whole = runtime::parse_whole_number(digits.substr(0, point));
  if (!whole)
    return {whole.error().code,
            artel::quoted(text)
              + " is not a number; expected one such as 12 or 0.4"};
  value.whole = *whole;
  if (point == std::string_view::npos)
    return value;
  auto places = parse_places(digits.substr(point + 1));
  if (!places)
    return {errc::malformed, artel::quoted(text)
                               + " is not a number; expected at most six"
                                 " decimal places after the point"};
  value.millionths = *places;
  return value;
}

std::string to_string(const decimal& value) {
  auto text = (value.is_negative ? "-" : "") + std::to_string(value.whole);
  if (value.millionths == 0)
    return text;
  auto places = std::to_string(million + value.millionths).substr(1);
  return text + "." + places.substr(0, places.find_last_not_of('0') + 1);
}

figure_value number_value(std::uint64_t number) {
  figure_value value;
  value.number.whole = number;
  return value;
}

figure_value percent_value(ppm share) {
  figure_value value;
  value.kind = figure_kind::percent;
  value.number = decimal::of_micro(share.value);
  return value;
}

figure_value duration_value(microseconds span) {
  figure_value value;
  value.kind = figure_kind::duration;
  value.number = decimal::of_micro(span.count());
  return value;
}

figure_value credits_value(credits amount) {
  figure_value value;
  value.kind = figure_kind::credits;
  value.number = decimal::of_micro(amount.micro);
  return value;
}

figure_value text_value(std::string_view text) {
  figure_value value;
  value.kind = figure_kind::text;
  value.text = text;
  return value;
}

figure_value truth_value(bool truth) {
  figure_value value;
  value.kind = figure_kind::truth;
  value.truth = truth;
  return value;
}

figure_value output_value(std::string_view text) {
  // A program's last line end is not what it is about.
  if (text.ends_with('\n'))
    text.remove_suffix(1);
  auto value = text_value(text);
  value.kind = figure_kind::output;
  return value;
}

figure_value missing_value(figure_kind kind) {
  figure_value value;
  value.kind = kind;
  value.is_missing = true;
  return value;
}

result<figure_value> parse_number_literal(std::string_view text) {
  figure_value value;
  value.is_literal = true;
  if (text.ends_with('%')) {
    value.kind = figure_kind::percent;
    auto number = parse_decimal(text.substr(0, text.size() - 1));
    auto share = number ? hundredth(*number) : number;
    if (!share)
      return share.error();
    value.number = *share;
    return value;
  }
  if (auto number = parse_decimal(text)) {
    value.number = *number;
    return value;
  }
  if (auto span = parse_span(text)) {
    auto made = duration_value(*span);
    made.is_literal = true;
    return made;
  }
  if (auto count = runtime::parse_bytes(text)) {
    value.number.whole = *count;
    return value;
  }
  return {errc::malformed,
          artel::quoted(text)
            + " is neither a number nor has it a known unit; expected such as"
              " 12, 0.4, 40%, 2s, 500ms or 10MB"};
}

std::string unlike_kinds(const figure_value& a, const figure_value& b) {
  if (a.kind == b.kind || adapts(a, b) || adapts(b, a))
    return {};
  const auto& literal = a.is_literal ? a : b;
  const auto& other = a.is_literal ? b : a;
  auto text = "cannot compare " + std::string{name_of(a.kind)} + " with "
              + std::string{name_of(b.kind)};
  if (literal.is_literal)
    text += "; expected " + std::string{name_of(other.kind)} + " such as "
            + std::string{example_of(other.kind)};
  return text;
}

bool compare(const figure_value& a, comparison how, const figure_value& b) {
  auto order = order_of(a, b);
  if (!order)
    return how == comparison::unequal;
  switch (how) {
    case comparison::equal: return *order == 0;
    case comparison::unequal: return *order != 0;
    case comparison::less: return *order < 0;
    case comparison::less_or_equal: return *order <= 0;
    case comparison::greater: return *order > 0;
    case comparison::greater_or_equal: return *order >= 0;
  }
  return false;
}

std::string to_string(const figure_value& value) {
  if (value.is_missing)
    return "not there yet";
  auto number = to_string(value.number);
  switch (value.kind) {
    case figure_kind::number:
    case figure_kind::percent: return number;
    case figure_kind::duration: return number + " s";
    case figure_kind::credits: return number + " credits";
    case figure_kind::truth: return value.truth ? "true" : "false";
    case figure_kind::text:
    case figure_kind::output: break;
  }
  return value.text.empty() ? "empty" : value.text;
}

std::string span_text(microseconds span) {
  return to_string(decimal::of_micro(span.count())) + " s";
}

} // namespace artel::tools
