#include "tools/artel/commands/network_set.hpp"

#include "protocol/core/limits.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/network_change.hpp"
#include "tools/artel/network_options.hpp"
#include "tools/artel/passphrase_options.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

namespace artel::tools {

namespace {

using row_list = std::vector<std::pair<std::string, std::string>>;

/// Nodes that an option names.
result<std::vector<node_id>> nodes_of(const arguments& given,
                                      const std::string& option) {
  std::vector<node_id> nodes;
  for (const auto& text : given.values(option)) {
    auto node = node_named("--" + option, text);
    if (!node)
      return node.error();
    nodes.push_back(*node);
  }
  return nodes;
}

// -- what is asked for --------------------------------------------------------

constexpr std::array<std::string_view, 6> settable{
  "admission",   "price-floor",    "messages-per-second",
  "add-witness", "remove-witness", "remove-seed"};

struct wanted_changes {
  std::vector<node_id> witnesses_added;
  std::vector<node_id> witnesses_removed;
  std::vector<node_id> seeds_removed;
};

result<wanted_changes> changes_of(const arguments& given) {
  auto is_given = [&given](std::string_view option) {
    return given.has(std::string{option});
  };
  if (std::none_of(settable.begin(), settable.end(), is_given))
    return {errc::invalid_argument,
            "nothing to set; expected --admission, --price-floor,"
            " --messages-per-second, --add-witness, --remove-witness or"
            " --remove-seed"};
  auto added = nodes_of(given, "add-witness");
  auto removed = nodes_of(given, "remove-witness");
  auto seeds = nodes_of(given, "remove-seed");
  for (const auto* one : {&added, &removed, &seeds})
    if (!*one)
      return one->error();
  return wanted_changes{*added, *removed, *seeds};
}

result<void> add_witness(network_config& config, const node_id& node) {
  auto& all = config.witnesses;
  if (std::find(all.begin(), all.end(), node) != all.end())
    return {errc::already_exists,
            "node " + short_name(node) + " is a witness already"};
  if (is_revoked(config, node, owner_of(node, {})))
    return {errc::revoked,
            "node " + short_name(node) + " was revoked by this network"};
  if (all.size() >= limits::witnesses_max)
    return {errc::limit_exceeded, "a network has at most "
                                    + std::to_string(limits::witnesses_max)
                                    + " witnesses"};
  all.push_back(node);
  return {};
}

/// One change after the other; stops at the first that is not possible.
result<void> apply(network_config& config, const arguments& given,
                   const wanted_changes& wanted) {
  if (auto taken = take_network_values(given, config); !taken)
    return taken;
  for (const auto& node : wanted.witnesses_removed)
    if (std::erase(config.witnesses, node) == 0)
      return {errc::not_found,
              "node " + short_name(node) + " is no witness of this network"};
  for (const auto& node : wanted.witnesses_added)
    if (auto added = add_witness(config, node); !added)
      return added;
  for (const auto& node : wanted.seeds_removed) {
    auto is_it = [&node](const seed_entry& one) { return one.node == node; };
    if (std::erase_if(config.seeds, is_it) == 0)
      return {errc::not_found,
              "node " + short_name(node) + " is no seed of this network"};
  }
  return {};
}

// -- what has changed ---------------------------------------------------------

void add_change(row_list& rows, const std::string& label,
                const std::string& from, const std::string& to) {
  if (from != to)
    rows.emplace_back(label, from + " -> " + to);
}

/// What is in `list` and not in `other`.
template <class Item, class Text>
void add_missing(row_list& rows, const std::string& label,
                 const std::vector<Item>& list, const std::vector<Item>& other,
                 Text&& text) {
  for (const auto& one : list)
    if (std::find(other.begin(), other.end(), one) == other.end())
      rows.emplace_back(label, text(one));
}

row_list difference(const network_config& from, const network_config& to) {
  row_list rows;
  add_change(rows, "admission", std::string{to_string(from.admission)},
             std::string{to_string(to.admission)});
  add_change(rows, "price floor", to_string(from.price_floor),
             to_string(to.price_floor));
  add_change(rows, "messages a second",
             std::to_string(from.messages_per_second_max),
             std::to_string(to.messages_per_second_max));
  auto id = [](const node_id& node) { return to_string(node); };
  add_missing(rows, "witness removed", from.witnesses, to.witnesses, id);
  add_missing(rows, "witness added", to.witnesses, from.witnesses, id);
  add_missing(rows, "seed removed", from.seeds, to.seeds,
              [](const seed_entry& one) { return to_string(one.node); });
  return rows;
}

exit_code run(const arguments& given) {
  auto wanted = changes_of(given);
  if (!wanted)
    return refuse(wanted.error());
  auto change = network_change::begin(given);
  if (!change)
    return refuse_key(change.error());
  auto before = change->config();
  if (auto applied = apply(change->config(), given, *wanted); !applied)
    return refuse(applied.error());
  auto changes = difference(before, change->config());
  if (changes.empty())
    return refuse({errc::invalid_argument,
                   "the network is set so already: nothing was changed"});
  auto done = change->sign();
  if (done)
    done = change->save();
  if (!done)
    return refuse(done.error());
  write_output(rows_text(changes));
  change->tell_version();
  if (!wanted->seeds_removed.empty())
    tell("a seed that is no longer listed keeps its rights until its"
         " certificate expires; artel network revoke ends them");
  return finish_output(exit_code::done);
}

} // namespace

command_info network_set_command() {
  command_info command;
  command.name = "network set";
  command.summary = "change a network's rules, witnesses and list of seeds";
  command.usage = "FILE --key FILE [--certificate FILE] [OPTION...]";
  command.description =
    "Raises the config's version with what is given, and prints what changed;"
    " all else stays. The key is the root's or that of a seed, with its"
    " certificate. A new price floor holds for the bids that follow: whoever"
    " has bid for a task works at that price. Seeds are listed by 'artel"
    " network add-seed'.";
  command.options = network_signer_options();
  for (auto& one : network_value_options(false))
    command.options.push_back(std::move(one));
  auto add_nodes = [&command](std::string name, std::string help) {
    command.options.push_back({.name = std::move(name),
                               .kind = value_kind::text,
                               .value_name = "NODE",
                               .help = std::move(help),
                               .repeatable = true});
  };
  add_nodes("add-witness", "a node that is to certify credits, once accounts"
                           " are witnessed: its id, or its key file");
  add_nodes("remove-witness", "a node that is not to any more");
  add_nodes("remove-seed", "a seed that nodes are not to dial any more");
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {
    "artel network set network.json --key root.key --admission token",
    "artel network set network.json --key seed.key --certificate seed.json"
    " --price-floor 0.02"};
  command.run = run;
  return command;
}

} // namespace artel::tools
