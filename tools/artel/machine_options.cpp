#include "tools/artel/machine_options.hpp"

#include "runtime/config/uncapped_limits.hpp"
#include "runtime/config/units_text.hpp"
#include "tools/artel/sandbox_options.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>

namespace artel::tools {

namespace {

/// Reads a flag; what is wrong is told with its name.
template <class T, class Parse>
result<std::optional<T>> read_flag(const arguments& given, const char* flag,
                                   const Parse& parse) {
  auto text = given.value(flag);
  if (!text)
    return std::optional<T>{};
  result<T> parsed = parse(*text);
  if (!parsed)
    return {parsed.error().code,
            "--" + std::string{flag} + ": " + parsed.error().message};
  return std::optional<T>{*parsed};
}

} // namespace

std::vector<option_info> machine_options() {
  using enum value_kind;
  std::vector<option_info> options{
    {.name = "share-cores",
     .kind = text,
     .value_name = "N",
     .help = "use no more than N of this machine's cores for jobs",
     .default_text = "all"},
    {.name = "share-memory",
     .kind = text,
     .value_name = "SIZE",
     .help = "use no more of this machine's memory for jobs: they wait until"
             " there is room",
     .default_text = "all"},
    {.name = "cap-memory",
     .kind = text,
     .value_name = "SIZE",
     .help = "refuse tasks whose runs may use more memory",
     .default_text = "no cap"},
    {.name = "cap-wall-time",
     .kind = text,
     .value_name = "TIME",
     .help = "refuse tasks whose runs may take longer",
     .default_text = "no cap"},
  };
  auto isolation = isolation_options();
  options.insert(options.end(), isolation.begin(), isolation.end());
  return options;
}

result<sandbox::local_config> machine_config_of(const arguments& given) {
  auto config = local_config_of(given);
  if (!config)
    return config;
  auto& share = config->process.share;
  auto cores =
    read_flag<std::uint64_t>(given, "share-cores", runtime::parse_whole_number);
  auto memory =
    read_flag<std::uint64_t>(given, "share-memory", runtime::parse_bytes);
  auto cap_memory =
    read_flag<std::uint64_t>(given, "cap-memory", runtime::parse_bytes);
  auto cap_time =
    read_flag<milliseconds>(given, "cap-wall-time", runtime::parse_duration);
  for (const auto* one : {&cores, &memory, &cap_memory})
    if (!*one)
      return one->error();
  if (!cap_time)
    return cap_time.error();
  constexpr std::uint64_t cores_max = 100'000;
  if (*cores && (**cores == 0 || **cores > cores_max))
    return {errc::out_of_range, "--share-cores: " + std::to_string(**cores)
                                  + " given; expected 1 or more"};
  if (*memory && **memory == 0)
    return {errc::out_of_range, "--share-memory: 0 given; expected more"};
  if (*cores)
    share.cpu_permille = static_cast<std::uint32_t>(**cores * 1'000);
  if (*memory)
    share.memory_bytes = **memory;
  if (*cap_memory || *cap_time || *memory) {
    auto most = runtime::uncapped_limits();
    // What asks for more than all may use could never run.
    most.memory_bytes = std::min(cap_memory->value_or(most.memory_bytes),
                                 memory->value_or(most.memory_bytes));
    most.wall_time = cap_time->value_or(most.wall_time);
    config->policy.most = most;
  }
  return config;
}

} // namespace artel::tools
