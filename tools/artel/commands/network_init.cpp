#include "tools/artel/commands/network_init.hpp"

#include "protocol/core/limits.hpp"
#include "runtime/config/credential_file.hpp"
#include "runtime/config/units_text.hpp"
#include "runtime/config/utf8_text.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/passphrase_options.hpp"

#include <limits>

namespace artel::tools {

namespace {

result<network_config> unsigned_config(const arguments& given) {
  network_config item;
  auto name = required(given, "name");
  if (!name)
    return name.error();
  if (name->size() > limits::name_bytes_max || !runtime::is_utf8(*name)
      || printable(*name) != *name)
    return {errc::invalid_argument,
            "--name: expected printable text of at most "
              + std::to_string(limits::name_bytes_max) + " bytes"};
  item.network = *name;
  auto rule = parse_admission_rule(given.value("admission").value_or("open"));
  if (!rule)
    return {rule.error().code, "--admission: " + rule.error().message};
  item.admission = *rule;
  auto floor = parse_credits(given.value("price-floor").value_or("0"));
  if (!floor || *floor > price_floor_max)
    return {errc::out_of_range, "--price-floor: expected an amount of credits "
                                "from 0 to "
                                  + to_string(price_floor_max)};
  item.price_floor = *floor;
  if (auto text = given.value("messages-per-second")) {
    auto rate = runtime::parse_whole_number(*text);
    if (!rate || *rate == 0
        || *rate > std::numeric_limits<std::uint32_t>::max())
      return {errc::out_of_range,
              "--messages-per-second: expected a number from 1 to "
                + std::to_string(std::numeric_limits<std::uint32_t>::max())};
    item.messages_per_second_max = static_cast<std::uint32_t>(*rate);
  }
  item.version = 1;
  item.issued = wall_now();
  return item;
}

exit_code run(const arguments& given) {
  auto item = unsigned_config(given);
  if (!item)
    return refuse(item.error());
  auto root = signing_key_of(given, "root-key",
                             "make one with artel key new --passphrase --out"
                             " FILE, and keep it offline");
  if (!root)
    return refuse_key(root.error());
  sign_config(*item, *root);
  std::filesystem::path out = given.value("out").value_or("network.json");
  if (auto written = runtime::write_credential(out, *item, given.has("force"));
      !written)
    return refuse(written.error());
  write_output(to_string(item->root) + "\n");
  tell("network '" + item->network + "' is described in '" + out.string()
       + "'; its nodes need the root printed above");
  return exit_code::done;
}

} // namespace

command_info network_init_command() {
  command_info command;
  command.name = "network init";
  command.summary = "describe a new network, signed by its root key";
  command.usage = "--name NAME --root-key FILE [OPTION...]";
  command.description =
    "Writes the first version of a network's config, and prints the root's"
    " public key, by which nodes know the network's own configs and seeds. The"
    " root key is needed again only to certify seeds and to revoke them: keep "
    "it"
    " offline, under a passphrase. Seeds distribute the config to all nodes.";
  command.options = {{.name = "name",
                      .kind = value_kind::text,
                      .value_name = "NAME",
                      .help = "the network's name"}};
  for (auto& one : signing_key_options("root-key", "the network's root key"))
    command.options.push_back(std::move(one));
  command.options.push_back(
    {.name = "admission",
     .kind = value_kind::choice,
     .value_name = "RULE",
     .help = "what joining needs: open (nothing), token (of a seed), "
             "certificate (a token, and an owner's certificate)",
     .default_text = "open",
     .choices = {"open", "token", "certificate"}});
  command.options.push_back({.name = "price-floor",
                             .kind = value_kind::text,
                             .value_name = "CREDITS",
                             .help = "no worker takes less for a job",
                             .default_text = "0"});
  command.options.push_back(
    {.name = "messages-per-second",
     .kind = value_kind::text,
     .value_name = "N",
     .help = "what a node may send another before it is slowed down",
     .default_text = "20000"});
  command.options.push_back({.name = "out",
                             .kind = value_kind::file,
                             .value_name = "FILE",
                             .help = "where to write the config",
                             .default_text = "network.json"});
  command.options.push_back(force_option());
  command.examples = {
    "artel network init --name lab --root-key root.key",
    "artel network init --name lab --root-key root.key --admission token"};
  command.run = run;
  return command;
}

} // namespace artel::tools
