#include "tools/artel/commands/network_unrevoke.hpp"

#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/network_change.hpp"
#include "tools/artel/passphrase_options.hpp"

#include <algorithm>
#include <string_view>

namespace artel::tools {

namespace {

template <class Id>
result<void> take_from(std::vector<Id>& list, const std::vector<Id>& fewer,
                       std::string_view kind) {
  for (const auto& id : fewer) {
    auto found = std::find(list.begin(), list.end(), id);
    if (found == list.end())
      return {errc::not_found, std::string{kind} + " " + short_name(id)
                                 + " is not revoked by this network"};
    list.erase(found);
  }
  return {};
}

exit_code run(const arguments& given) {
  auto wanted = keys_named(given, "unrevoke");
  if (!wanted)
    return refuse(wanted.error());
  auto change = network_change::begin(given);
  if (!change)
    return refuse_key(change.error());
  auto& config = change->config();
  auto done = take_from(config.revoked_nodes, wanted->nodes, "node");
  if (done)
    done = take_from(config.revoked_owners, wanted->owners, "owner");
  if (done)
    done = change->sign();
  if (done)
    done = change->save();
  if (!done)
    return refuse(done.error());
  change->tell_version();
  for (const auto& node : wanted->nodes)
    if (is_revoked(config, node, owner_of(node, {})))
      tell("node " + short_name(node)
           + " stays out: as an owner it is revoked still");
  return exit_code::done;
}

} // namespace

command_info network_unrevoke_command() {
  command_info command;
  command.name = "network unrevoke";
  command.summary = "let a node or an owner in again that was revoked";
  command.usage = "FILE --key FILE [--certificate FILE] --node NODE|--owner ID"
                  " [OPTION...]";
  command.description =
    "Raises the config's version without keys that 'artel network revoke' put"
    " in: whoever has them may join again, as everyone else may. The key is the"
    " root's or that of a seed, with its certificate. A seed that was revoked"
    " is listed again by 'artel network add-seed'. Don't let a key in again"
    " that somebody else may have.";
  command.options = network_signer_options();
  for (auto& one : named_keys_options())
    command.options.push_back(std::move(one));
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {
    "artel network unrevoke network.json --key seed.key --certificate seed.json"
    " --node 5f3a...c1",
    "artel network unrevoke network.json --key root.key --owner 77b0...02"};
  command.run = run;
  return command;
}

} // namespace artel::tools
