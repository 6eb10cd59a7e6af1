#include "tools/artel/sim_options.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/sim/swarm/plan_file.hpp"
#include "tools/artel/file_access.hpp"
#include "tools/artel/shell/option_values.hpp"

#include <limits>

namespace artel::tools {

namespace {

failure about(const std::string& option, const failure& problem) {
  return {problem.code, "--" + option + ": " + problem.message};
}

std::string crypto_name(signature_kind kind) {
  return kind == signature_kind::ed25519 ? "ed25519" : "modelled";
}

result<signature_kind> parse_crypto(const std::string& text) {
  for (auto kind : {signature_kind::ed25519, signature_kind::modelled})
    if (text == crypto_name(kind))
      return kind;
  return {errc::invalid_argument,
          artel::quoted(text)
            + " is no kind of signature; expected ed25519 or modelled"};
}

} // namespace

std::vector<option_info> world_options() {
  return {
    {.name = "nodes",
     .kind = value_kind::text,
     .value_name = "N",
     .help = "how many nodes a world has",
     .default_text = "4 to 16, by the seed"},
    {.name = "faults",
     .kind = value_kind::choice,
     .value_name = "LEVEL",
     .help = "none, default, or heavy: loss up to 30 %, many crashes, up to a"
             " third of the workers misbehave",
     .default_text = "default",
     .choices = {"none", "default", "heavy"}},
    {.name = "crypto",
     .kind = value_kind::choice,
     .value_name = "KIND",
     .help =
       "signatures: ed25519, or modelled ones, which cost next to nothing",
     .default_text = "ed25519",
     .choices = {"ed25519", "modelled"}},
  };
}

result<sim::plan_options> plan_options_of(const arguments& given) {
  sim::plan_options options;
  if (given.has("nodes")) {
    auto nodes =
      number_of(given, "nodes", sim::plan_nodes_min, sim::plan_nodes_max, 0);
    if (!nodes)
      return nodes.error();
    options.nodes = static_cast<std::uint32_t>(*nodes);
  }
  if (auto text = given.value("faults")) {
    auto level = sim::parse_fault_level(*text);
    if (!level)
      return about("faults", level.error());
    options.faults = *level;
  }
  if (auto text = given.value("crypto")) {
    auto kind = parse_crypto(*text);
    if (!kind)
      return about("crypto", kind.error());
    options.crypto = *kind;
  }
  return options;
}

option_info plan_file_option() {
  return {.name = "plan",
          .kind = value_kind::file,
          .value_name = "FILE",
          .help = "in place of a seed: a world as 'artel sim shrink --save'"
                  " wrote it"};
}

result<sim::world_plan> plan_of(const arguments& given) {
  auto file = given.value("plan");
  if (!file && given.positional.empty())
    return {errc::invalid_argument,
            "no world is named; expected a seed, or --plan FILE"};
  if (!file) {
    auto seed = parse_count(given.positional.front(), 0,
                            std::numeric_limits<std::uint64_t>::max());
    if (!seed)
      return {seed.error().code, "the seed: " + seed.error().message};
    auto options = plan_options_of(given);
    if (!options)
      return options.error();
    return sim::make_plan(*seed, *options);
  }
  for (const auto& option : world_options())
    if (given.has(option.name))
      return {errc::invalid_argument,
              "--" + option.name
                + " is for seeds; the world of --plan is as"
                  " the file says"};
  if (!given.positional.empty())
    return {errc::invalid_argument,
            "a seed and --plan are given; expected one of them"};
  constexpr std::uint64_t plan_bytes_max = 16u << 20;
  auto text = read_whole_file("world plan", *file, plan_bytes_max);
  if (!text)
    return text.error();
  auto plan = sim::parse_plan(as_text(*text));
  if (!plan)
    return {plan.error().code,
            "world plan '" + *file + "': " + plan.error().message};
  return plan;
}

result<runtime::number_range> parse_seeds(std::string_view text) {
  runtime::number_range seeds;
  if (text.find("..") == text.npos) {
    auto one = runtime::parse_whole_number(text);
    if (!one)
      return about("seeds", one.error());
    seeds = {*one, *one};
  } else {
    auto range = runtime::parse_range(text);
    if (!range)
      return about("seeds", range.error());
    seeds = *range;
  }
  constexpr std::uint64_t seeds_max = 1'000'000'000;
  if (seeds.last < seeds.first || seeds.last - seeds.first >= seeds_max)
    return {errc::out_of_range,
            "--seeds: " + artel::quoted(text)
              + " given; expected FIRST..LAST, at most 10^9 seeds"};
  return seeds;
}

result<std::uint64_t> number_of(const arguments& given, const std::string& name,
                                std::uint64_t least, std::uint64_t most,
                                std::uint64_t otherwise) {
  auto text = given.value(name);
  if (!text)
    return otherwise;
  auto number = parse_count(*text, least, most);
  if (!number)
    return about(name, number.error());
  return *number;
}

std::string world_flags(const sim::plan_options& options) {
  std::string flags;
  if (options.nodes)
    flags += " --nodes " + std::to_string(*options.nodes);
  if (options.faults != sim::fault_level::moderate)
    flags += " --faults " + std::string{to_string(options.faults)};
  if (options.crypto != signature_kind::ed25519)
    flags += " --crypto " + crypto_name(options.crypto);
  return flags;
}

std::string tenths_text(std::uint64_t tenths) {
  return grouped(tenths / 10) + "." + std::to_string(tenths % 10);
}

std::string grouped(std::uint64_t number) {
  auto digits = std::to_string(number);
  for (auto at = digits.size(); at > 3;) {
    at -= 3;
    digits.insert(at, ",");
  }
  return digits;
}

} // namespace artel::tools
