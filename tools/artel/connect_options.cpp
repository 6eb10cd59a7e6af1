#include "tools/artel/connect_options.hpp"

#include "runtime/config/units_text.hpp"
#include "tools/artel/machine_options.hpp"
#include "tools/artel/passphrase_options.hpp"
#include "tools/artel/task_options.hpp"

#include <array>
#include <string>
#include <string_view>
#include <utility>

namespace artel::tools {

namespace {

using runtime::client_options;

constexpr std::string_view network_default = "artel";
constexpr std::uint64_t workers_max = 10'000;

result<void> refuse_mixed(const arguments& given) {
  if (!given.has("connect")) {
    for (const auto& option : connect_options())
      if (given.has(option.name))
        return {errc::invalid_argument,
                "--" + option.name + " needs --connect HOST:PORT too"};
    return {};
  }
  auto embedded = std::vector<option_info>{
    {.name = "local"}, {.name = "saboteurs"}, {.name = "slots"}};
  for (const auto& option : std::move(embedded) + machine_options())
    if (given.has(option.name))
      return {errc::invalid_argument,
              "--" + option.name
                + " is about workers in this process; with --connect the"
                  " network has its own"};
  return {};
}

result<void> read_addresses(const arguments& given, client_options& options) {
  for (const auto& list : given.values("connect")) {
    std::string_view rest = list;
    while (!rest.empty()) {
      auto comma = rest.find(',');
      auto address = runtime::parse_node_address(rest.substr(0, comma));
      if (!address)
        return {address.error().code, "--connect: " + address.error().message};
      options.addresses.push_back(std::move(*address));
      rest.remove_prefix(comma == rest.npos ? rest.size() : comma + 1);
    }
  }
  if (options.addresses.empty())
    return {errc::invalid_argument,
            "--connect: expected HOST:PORT, or several, separated by commas"};
  return {};
}

result<void> read_credentials(const arguments& given, client_options& options) {
  auto& files = options.credentials;
  files.network = given.value("network").value_or(std::string{network_default});
  files.key = given.value("key").value_or("");
  files.owner_certificate = given.value("certificate").value_or("");
  files.join_token = given.value("join-token").value_or("");
  if (auto text = given.value("network-root")) {
    auto root = parse_id<owner_id>(*text);
    if (!root)
      return {root.error().code, "--network-root: " + root.error().message};
    files.root = *root;
  }
  auto passphrase = passphrase_source_of(given, "");
  if (!passphrase)
    return passphrase.error();
  files.passphrase = std::move(*passphrase);
  files.passphrase.terminal = true;
  return {};
}

result<void> read_patience(const arguments& given, client_options& options) {
  if (auto text = given.value("wait-workers")) {
    auto count = runtime::parse_whole_number(*text);
    if (count && *count > workers_max)
      count = {errc::out_of_range,
               *text + " given; expected 0 to " + std::to_string(workers_max)};
    if (!count)
      return {count.error().code, "--wait-workers: " + count.error().message};
    options.workers_wait = static_cast<std::uint32_t>(*count);
  }
  if (auto text = given.value("wait-timeout")) {
    auto time = runtime::parse_duration(*text);
    if (!time)
      return {time.error().code, "--wait-timeout: " + time.error().message};
    options.wait_timeout = *time;
  }
  return {};
}

} // namespace

std::vector<option_info> connect_options() {
  using enum value_kind;
  std::vector<option_info> options{
    {.name = "connect",
     .kind = text,
     .value_name = "HOST:PORT,...",
     .help = "run on a network of other machines, which these nodes belong to;"
             " port 7447 where none is given",
     .repeatable = true},
    {.name = "key",
     .kind = file,
     .value_name = "FILE",
     .help = "the key to join with",
     .default_text = "one that is made up and forgotten"},
    {.name = "network",
     .kind = text,
     .value_name = "NAME",
     .help = "the network to join",
     .default_text = std::string{network_default}},
    {.name = "network-root",
     .kind = text,
     .value_name = "ID",
     .help = "the network's root key",
     .default_text = "none: an open network"},
    {.name = "certificate",
     .kind = file,
     .value_name = "FILE",
     .help = "the owner's certificate for the key"},
    {.name = "join-token",
     .kind = file,
     .value_name = "FILE",
     .help = "the token by which a seed lets the owner in"},
    {.name = "wait-workers",
     .kind = text,
     .value_name = "N",
     .help = "wait for links to so many workers before the task begins",
     .default_text = "as many as replicas"},
    {.name = "wait-timeout",
     .kind = text,
     .value_name = "TIME",
     .help = "how long to wait for the first node, and for workers",
     .default_text = "10s"},
  };
  return std::move(options) + passphrase_options("", "the key's passphrase");
}

result<std::optional<client_options>>
connect_options_of(const arguments& given) {
  if (auto sound = refuse_mixed(given); !sound)
    return sound.error();
  if (!given.has("connect"))
    return std::optional<client_options>{};
  client_options options;
  auto taken = read_addresses(given, options);
  if (taken)
    taken = read_credentials(given, options);
  if (taken)
    taken = read_patience(given, options);
  if (!taken)
    return taken.error();
  return std::optional<client_options>{std::move(options)};
}

} // namespace artel::tools
