#include "tools/artel/commands/network_init.hpp"

#include "protocol/core/limits.hpp"
#include "runtime/config/credential_file.hpp"
#include "runtime/config/utf8_text.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/network_change.hpp"
#include "tools/artel/network_options.hpp"
#include "tools/artel/passphrase_options.hpp"

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
  if (auto taken = take_network_values(given, item); !taken)
    return taken.error();
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
  auto lock = lock_network(out);
  if (!lock)
    return refuse(lock.error());
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
  for (auto& one : network_value_options(true))
    command.options.push_back(std::move(one));
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
