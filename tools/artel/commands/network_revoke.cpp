#include "tools/artel/commands/network_revoke.hpp"

#include "protocol/core/limits.hpp"
#include "runtime/config/credential_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/passphrase_options.hpp"

#include <algorithm>
#include <optional>

namespace artel::tools {

namespace {

struct revocation {
  std::vector<node_id> nodes;
  std::vector<owner_id> owners;
};

result<revocation> revoked_by(const arguments& given) {
  revocation wanted;
  for (const auto& text : given.values("node")) {
    auto node = node_named("--node", text);
    if (!node)
      return node.error();
    wanted.nodes.push_back(*node);
  }
  for (const auto& text : given.values("owner")) {
    auto owner = owner_named("--owner", text);
    if (!owner)
      return owner.error();
    wanted.owners.push_back(*owner);
  }
  if (wanted.nodes.empty() && wanted.owners.empty())
    return {errc::invalid_argument,
            "nothing to revoke; expected --node or --owner"};
  return wanted;
}

template <class Id>
result<void> add_to(std::vector<Id>& list, const std::vector<Id>& more) {
  for (const auto& id : more) {
    if (std::find(list.begin(), list.end(), id) != list.end())
      return {errc::already_exists, short_name(id) + " is revoked already"};
    if (list.size() >= limits::revoked_keys_max)
      return {errc::limit_exceeded, "a network revokes at most "
                                      + std::to_string(limits::revoked_keys_max)
                                      + " keys of a kind"};
    list.push_back(id);
  }
  return {};
}

/// True where a seed is among what is revoked.
result<bool> revoke(network_config& config, const revocation& wanted) {
  auto added = add_to(config.revoked_nodes, wanted.nodes);
  if (added)
    added = add_to(config.revoked_owners, wanted.owners);
  if (!added)
    return added.error();
  auto is_out = [&config](const node_id& node) {
    return is_revoked(config, node, owner_of(node, {}));
  };
  auto seeds = std::erase_if(
    config.seeds, [&](const seed_entry& one) { return is_out(one.node); });
  std::erase_if(config.witnesses, is_out);
  return seeds > 0;
}

/// Whoever signs: the root, or a seed with its certificate.
result<void> sign(network_config& config, const key_pair& key,
                  const std::optional<seed_certificate>& certificate) {
  if (!certificate) {
    if (key.owner() != config.root)
      return {errc::invalid_argument,
              "the key is not the network's root; a seed also gives its"
              " --certificate"};
    sign_config(config, key);
  } else {
    if (key.node() != certificate->seed)
      return {errc::invalid_argument,
              "the certificate is for seed " + short_name(certificate->seed)
                + ", and the key is of " + short_name(key.node())};
    sign_config(config, key, *certificate);
  }
  return check_config(config, config.network, config.root, config.issued);
}

exit_code run(const arguments& given) {
  const auto& path = given.positional.front();
  auto wanted = revoked_by(given);
  if (!wanted)
    return refuse(wanted.error());
  auto config = runtime::read_credential<network_config>(path);
  if (!config)
    return refuse(config.error());
  auto now = wall_now();
  if (auto checked = check_config(*config, config->network, config->root, now);
      !checked)
    return refuse(checked.error());
  std::optional<seed_certificate> certificate;
  if (auto file = given.value("certificate")) {
    auto read = runtime::read_credential<seed_certificate>(*file);
    if (!read)
      return refuse(read.error());
    certificate = *read;
  }
  auto key = signing_key_of(given, "key");
  if (!key)
    return refuse_key(key.error());
  auto has_seed = revoke(*config, *wanted);
  if (!has_seed)
    return refuse(has_seed.error());
  // Beyond what the revoked seed may have signed, whatever that was.
  auto goes_beyond = *has_seed && !certificate;
  if (goes_beyond)
    config->version = last_version_of_block(config->version);
  ++config->version;
  config->issued = now;
  if (auto checked = sign(*config, *key, certificate); !checked)
    return refuse(checked.error());
  if (auto written = runtime::write_credential(path, *config, true); !written)
    return refuse(written.error());
  tell("the config's version is " + std::to_string(config->version)
       + "; nodes refuse who is revoked as soon as a seed has it");
  if (goes_beyond && !config->seeds.empty())
    tell("a seed was revoked: the others need new certificates to sign configs;"
         " run artel network add-seed for each");
  if (*has_seed && certificate)
    tell("a seed was revoked by a seed: it could still sign configs for nodes"
         " that don't know of it; have the root revoke it too");
  return exit_code::done;
}

} // namespace

command_info network_revoke_command() {
  command_info command;
  command.name = "network revoke";
  command.summary = "refuse a node or an owner in all of the network";
  command.usage = "FILE --key FILE [--certificate FILE] --node NODE|--owner ID"
                  " [OPTION...]";
  command.description =
    "Raises the config's version with keys that every node refuses from then "
    "on:"
    " a node's, or an owner's with all its nodes. The key is the root's or that"
    " of a seed, with its certificate. Only the root can surely revoke a seed:"
    " it then goes beyond all versions that the seed could have signed. Give "
    "the"
    " file to a running seed, which passes it on.";
  command.options = signing_key_options("key", "the root's key, or a seed's");
  command.options.push_back({.name = "certificate",
                             .kind = value_kind::file,
                             .value_name = "FILE",
                             .help = "the seed's certificate"});
  command.options.push_back({.name = "node",
                             .kind = value_kind::text,
                             .value_name = "NODE",
                             .help = "a node: its id, or its key file",
                             .repeatable = true});
  command.options.push_back({.name = "owner",
                             .kind = value_kind::text,
                             .value_name = "ID",
                             .help = "an owner, with all its nodes",
                             .repeatable = true});
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {
    "artel network revoke network.json --key seed.key --certificate seed.json"
    " --node 5f3a...c1",
    "artel network revoke network.json --key root.key --owner 77b0...02"};
  command.run = run;
  return command;
}

} // namespace artel::tools
