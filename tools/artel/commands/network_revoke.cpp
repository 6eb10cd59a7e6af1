#include "tools/artel/commands/network_revoke.hpp"

#include "protocol/core/limits.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/network_change.hpp"
#include "tools/artel/passphrase_options.hpp"

#include <algorithm>

namespace artel::tools {

namespace {

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
result<bool> revoke(network_config& config, const named_keys& wanted) {
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

exit_code run(const arguments& given) {
  auto wanted = keys_named(given, "revoke");
  if (!wanted)
    return refuse(wanted.error());
  auto change = network_change::begin(given);
  if (!change)
    return refuse_key(change.error());
  auto& config = change->config();
  auto has_seed = revoke(config, *wanted);
  if (!has_seed)
    return refuse(has_seed.error());
  // Beyond what the revoked seed may have signed, whatever that was.
  auto goes_beyond = *has_seed && change->is_by_root();
  if (goes_beyond)
    config.version = last_version_of_block(config.version - 1) + 1;
  auto done = change->sign();
  if (done)
    done = change->save();
  if (!done)
    return refuse(done.error());
  change->tell_version();
  if (goes_beyond && !config.seeds.empty())
    tell("a seed was revoked: the others need new certificates to sign configs;"
         " run artel network add-seed for each");
  if (*has_seed && !change->is_by_root())
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
    " it then goes beyond all versions that the seed could have signed. Nodes"
    " refuse who is revoked as soon as one of them has the file, by 'artel"
    " network publish'.";
  command.options = network_signer_options();
  for (auto& one : named_keys_options())
    command.options.push_back(std::move(one));
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
