#include "tools/artel/commands/owner_show.hpp"

#include "runtime/config/credential_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/credential_text.hpp"

namespace artel::tools {

namespace {

exit_code run(const arguments& given) {
  auto item =
    runtime::read_credential<owner_certificate>(given.positional.front());
  if (!item)
    return refuse(item.error());
  // By itself it is for the node and network that it names.
  auto node = item->node;
  if (auto text = given.value("node")) {
    auto named = node_named("--node", *text);
    if (!named)
      return refuse(named.error());
    node = *named;
  }
  auto network = given.value("network").value_or(item->network);
  return show_checked(given, *item,
                      check_certificate(*item, node, network, wall_now()));
}

} // namespace

command_info owner_show_command() {
  command_info command;
  command.name = "owner show";
  command.summary = "print and check an owner's certificate";
  command.usage = "FILE [OPTION...]";
  command.description =
    "Prints what a certificate says, and checks its signature and its time; "
    "with"
    " --node or --network also that it is for them. Ends with exit code 4 where"
    " it does not hold.";
  command.options = {{.name = "node",
                      .kind = value_kind::text,
                      .value_name = "NODE",
                      .help = "the node that it should be for: its id, or its "
                              "key file"},
                     {.name = "network",
                      .kind = value_kind::text,
                      .value_name = "NAME",
                      .help = "the network that it should hold in"},
                     format_option()};
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel owner show node.json",
                      "artel owner show node.json --node node.key -o json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
