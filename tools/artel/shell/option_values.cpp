#include "tools/artel/shell/option_values.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/config/name_suggestion.hpp"
#include "runtime/config/units_text.hpp"
#include "tools/artel/shell/figure_value.hpp"

#include <array>
#include <limits>
#include <string>
#include <utility>

namespace artel::tools {

namespace {

/// One of a few words.
template <class T, std::size_t N>
result<T> parse_word(std::string_view text, std::string_view what,
                     const std::array<std::pair<std::string_view, T>, N>& all) {
  std::array<std::string_view, N> names;
  std::string possible;
  for (std::size_t i = 0; i < N; ++i) {
    names[i] = all[i].first;
    if (text == names[i])
      return all[i].second;
    possible += (i == 0       ? ""
                 : i + 1 == N ? " or "
                              : ", ")
                + std::string{names[i]};
  }
  return {errc::invalid_argument,
          artel::quoted(text) + " is no " + std::string{what} + "; expected "
            + possible + runtime::did_you_mean(text, names)};
}

} // namespace

result<microseconds> parse_span(std::string_view text) {
  if (text.ends_with("us")) {
    auto count = runtime::parse_whole_number(text.substr(0, text.size() - 2));
    constexpr std::uint64_t most = 1'000'000'000'000;
    if (count && *count <= most)
      return microseconds{static_cast<std::int64_t>(*count)};
  }
  auto span = runtime::parse_duration(text);
  if (!span)
    return span.error();
  return microseconds{*span};
}

result<ppm> parse_percentage(std::string_view text) {
  failure problem{errc::malformed,
                  artel::quoted(text)
                    + " is no percentage; expected one from 0% to 100%, such"
                      " as 1% or 0.5%"};
  if (!text.ends_with('%'))
    return problem;
  auto value = parse_number_literal(text);
  if (!value || value->number.is_negative)
    return problem;
  auto share = value->number.whole * ppm_one + value->number.millionths;
  if (value->number.whole > 1 || share > ppm_one)
    return problem;
  return ppm{static_cast<std::int32_t>(share)};
}

result<std::uint64_t> parse_bytes_per_second(std::string_view text) {
  if (text == "none" || text == "0")
    return std::uint64_t{0};
  failure problem{errc::malformed,
                  artel::quoted(text)
                    + " is no capacity; expected one such as 10MB/s,"
                      " or none"};
  if (text.ends_with("/s"))
    text.remove_suffix(2);
  auto count = runtime::parse_bytes(text);
  if (!count)
    return problem;
  return *count;
}

result<std::uint32_t> parse_cpu_score(std::string_view text) {
  failure problem{errc::malformed,
                  artel::quoted(text)
                    + " is no speed; expected one such as 1.5x, or a score"
                      " from 1 to 1000000 (1000 is the reference machine)"};
  constexpr std::uint64_t score_max = 1'000'000;
  auto is_factor = text.ends_with('x');
  auto number =
    parse_decimal(text.substr(0, text.size() - (is_factor ? 1 : 0)));
  if (!number || number->is_negative || number->whole > score_max)
    return problem;
  auto score = number->whole;
  if (is_factor)
    score = score * 1'000 + number->millionths / 1'000;
  if (score == 0 || score > score_max
      || number->millionths % (is_factor ? 1'000u : 1'000'000u) != 0)
    return problem;
  return static_cast<std::uint32_t>(score);
}

result<sim::latency_shape> parse_latency_shape(std::string_view text) {
  using enum sim::latency_shape;
  constexpr std::array<std::pair<std::string_view, sim::latency_shape>, 3> all{
    {{"constant", constant},
     {"uniform", uniform},
     {"exponential", exponential}}};
  return parse_word(text, "shape of a latency", all);
}

result<wire::node_role> parse_node_role(std::string_view text) {
  using enum wire::node_role;
  constexpr std::array<std::pair<std::string_view, wire::node_role>, 4> all{
    {{"client", client},
     {"public", public_},
     {"seed", seed},
     {"specialised", specialised}}};
  return parse_word(text, "role", all);
}

result<std::uint64_t> parse_count(std::string_view text, std::uint64_t least,
                                  std::uint64_t most) {
  auto count = runtime::parse_whole_number(text);
  if (count && *count >= least && *count <= most)
    return *count;
  return {errc::out_of_range, artel::quoted(text) + " is no number from "
                                + std::to_string(least) + " to "
                                + std::to_string(most)};
}

} // namespace artel::tools
