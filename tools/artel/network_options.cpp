#include "tools/artel/network_options.hpp"

#include "runtime/config/units_text.hpp"

#include <limits>

namespace artel::tools {

std::vector<option_info> network_value_options(bool with_defaults) {
  std::vector<option_info> options{
    {.name = "admission",
     .kind = value_kind::choice,
     .value_name = "RULE",
     .help = "what joining needs: open (nothing), token (of a seed), "
             "certificate (a token, and an owner's certificate)",
     .default_text = "open",
     .choices = {"open", "token", "certificate"}},
    {.name = "price-floor",
     .kind = value_kind::text,
     .value_name = "CREDITS",
     .help = "no worker takes less for a job",
     .default_text = "0"},
    {.name = "messages-per-second",
     .kind = value_kind::text,
     .value_name = "N",
     .help = "what a node may send another before it is slowed down",
     .default_text = "20000"}};
  if (!with_defaults)
    for (auto& option : options)
      option.default_text.clear();
  return options;
}

result<void> take_network_values(const arguments& given,
                                 network_config& config) {
  if (auto text = given.value("admission")) {
    auto rule = parse_admission_rule(*text);
    if (!rule)
      return {rule.error().code, "--admission: " + rule.error().message};
    config.admission = *rule;
  }
  if (auto text = given.value("price-floor")) {
    auto floor = parse_credits(*text);
    if (!floor || *floor > price_floor_max)
      return {errc::out_of_range,
              "--price-floor: expected an amount of credits from 0 to "
                + to_string(price_floor_max)};
    config.price_floor = *floor;
  }
  if (auto text = given.value("messages-per-second")) {
    constexpr auto rate_max = std::numeric_limits<std::uint32_t>::max();
    auto rate = runtime::parse_whole_number(*text);
    if (!rate || *rate == 0 || *rate > rate_max)
      return {errc::out_of_range,
              "--messages-per-second: expected a number from 1 to "
                + std::to_string(rate_max)};
    config.messages_per_second_max = static_cast<std::uint32_t>(*rate);
  }
  return {};
}

} // namespace artel::tools
