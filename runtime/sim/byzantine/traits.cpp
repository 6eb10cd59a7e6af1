// Behaviour as scripts write it, and back.
#include "protocol/core/limits.hpp"
#include "runtime/sim/byzantine/behaviour.hpp"

#include <charconv>
#include <limits>
#include <optional>

namespace artel::sim {

namespace {

constexpr std::int64_t permille = 1'000;
constexpr std::int64_t slowness_max = 1'000 * permille;
constexpr std::uint32_t floods_max = 100'000;

std::int64_t power_of_ten(std::size_t exponent) {
  std::int64_t power = 1;
  for (; exponent > 0; --exponent)
    power *= 10;
  return power;
}

/// "12.5" as a whole number of the last decimal allowed: 12500 for three.
std::optional<std::int64_t> parse_decimal(std::string_view text,
                                          std::size_t decimals) {
  auto point = text.find('.');
  auto whole_text = text.substr(0, point);
  auto rest = point == std::string_view::npos ? std::string_view{}
                                              : text.substr(point + 1);
  auto parse = [](std::string_view digits) -> std::optional<std::int64_t> {
    std::uint32_t value = 0;
    auto* end = digits.data() + digits.size();
    auto [stopped, problem] = std::from_chars(digits.data(), end, value);
    if (problem != std::errc{} || stopped != end)
      return std::nullopt;
    return value;
  };
  auto whole = parse(whole_text);
  if (!whole || rest.size() > decimals
      || (rest.empty() && rest.data() != nullptr))
    return std::nullopt;
  if (rest.empty())
    return *whole * power_of_ten(decimals);
  std::string padded{rest};
  padded.resize(decimals, '0');
  auto part = parse(padded);
  if (!part)
    return std::nullopt;
  return *whole * power_of_ten(decimals) + *part;
}

/// Takes the unit off the end; nothing where it is not there.
std::optional<std::int64_t> parse_with_unit(std::string_view text,
                                            std::string_view unit,
                                            std::size_t decimals = 3) {
  if (!text.ends_with(unit))
    return std::nullopt;
  return parse_decimal(text.substr(0, text.size() - unit.size()), decimals);
}

/// "30%", "0.5%".
std::optional<ppm> parse_share(std::string_view text) {
  auto share = parse_with_unit(text, "%", 4);
  if (!share || *share > ppm_one)
    return std::nullopt;
  return ppm{static_cast<std::int32_t>(*share)};
}

std::string decimal_text(std::int64_t value, std::size_t decimals) {
  auto one = power_of_ten(decimals);
  auto text = std::to_string(value / one);
  auto rest = std::to_string(one + value % one).substr(1);
  while (!rest.empty() && rest.back() == '0')
    rest.pop_back();
  return rest.empty() ? text : text + '.' + rest;
}

std::string share_text(ppm share) {
  return decimal_text(share.value, 4) + '%';
}

// -- one trait each -----------------------------------------------------------

bool set_lies(behaviour& target, std::string_view value) {
  auto share = parse_share(value);
  if (value == "always" || (share && share->value == ppm_one))
    target.lies = lie_kind::always;
  else if (value == "never" || (share && share->value == 0))
    target.lies = lie_kind::never;
  else if (value == "colluding")
    target.lies = lie_kind::colluding;
  else if (share)
    target.lies = lie_kind::sometimes;
  else
    return false;
  target.lie_rate =
    target.lies == lie_kind::sometimes ? *share : behaviour{}.lie_rate;
  return true;
}

bool set_slowness(behaviour& target, std::string_view value) {
  auto times = parse_with_unit(value, "x");
  if (!times || *times < permille || *times > slowness_max)
    return false;
  target.slowness_permille = static_cast<std::uint32_t>(*times);
  return true;
}

bool set_crashes(behaviour& target, std::string_view value) {
  auto share = parse_share(value);
  if (share)
    target.crash_rate = *share;
  return share.has_value();
}

bool set_floods(behaviour& target, std::string_view value) {
  auto rate = parse_with_unit(value, "/s");
  if (!rate || *rate % permille != 0 || *rate > floods_max * permille)
    return false;
  target.floods_per_second = static_cast<std::uint32_t>(*rate / permille);
  return true;
}

template <bool behaviour::*Member>
bool set_flag(behaviour& target, std::string_view value) {
  if (value != "yes" && value != "no")
    return false;
  target.*Member = value == "yes";
  return true;
}

struct trait {
  std::string_view name;
  std::string_view expected;
  bool (*set)(behaviour&, std::string_view);
};

constexpr std::string_view yes_or_no = "yes or no";

constexpr trait traits[] = {
  {"lies", "always, never, colluding, or a share such as 30%", set_lies},
  {"silent", yes_or_no, set_flag<&behaviour::silent>},
  {"slow", "how many times as long, 1x to 1000x", set_slowness},
  {"crashes", "a share such as 20%", set_crashes},
  {"answers-twice", yes_or_no, set_flag<&behaviour::answers_twice>},
  {"replays", yes_or_no, set_flag<&behaviour::replays>},
  {"forges", yes_or_no, set_flag<&behaviour::forges>},
  {"floods", "frames a second, 0/s to 100000/s", set_floods},
};

} // namespace

result<void> set_trait(behaviour& target, std::string_view name,
                       std::string_view value) {
  for (const auto& one : traits) {
    if (one.name != name)
      continue;
    if (one.set(target, value))
      return {};
    return {errc::invalid_argument,
            "'" + std::string{value} + "' is no value of " + std::string{name}
              + "; expected " + std::string{one.expected}};
  }
  std::string known;
  for (const auto& one : traits)
    known += (known.empty() ? "" : ", ") + std::string{one.name};
  return {errc::invalid_argument, "there is no trait '" + std::string{name}
                                    + "'; possible are: " + known};
}

const std::vector<std::string_view>& trait_names() {
  static const auto names = [] {
    std::vector<std::string_view> all;
    for (const auto& one : traits)
      all.push_back(one.name);
    return all;
  }();
  return names;
}

std::string to_string(const behaviour& how) {
  std::string text;
  auto add = [&text](bool holds, const std::string& words) {
    if (holds)
      text += (text.empty() ? "" : ", ") + words;
  };
  add(how.lies == lie_kind::always, "lies always");
  add(how.lies == lie_kind::sometimes, "lies " + share_text(how.lie_rate));
  add(how.lies == lie_kind::colluding && how.ring == 0, "lies colluding");
  add(how.lies == lie_kind::colluding && how.ring != 0,
      "lies colluding (ring " + std::to_string(how.ring) + ")");
  add(how.silent, "silent");
  add(how.slowness_permille != permille,
      "slow " + decimal_text(how.slowness_permille, 3) + "x");
  add(how.crash_rate.value > 0, "crashes " + share_text(how.crash_rate));
  add(how.answers_twice, "answers twice");
  add(how.replays, "replays");
  add(how.forges, "forges");
  add(how.floods_per_second > 0,
      "floods " + std::to_string(how.floods_per_second) + "/s");
  return text.empty() ? "honest" : text;
}

} // namespace artel::sim
