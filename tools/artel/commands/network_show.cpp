#include "tools/artel/commands/network_show.hpp"

#include "runtime/config/credential_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/credential_text.hpp"

namespace artel::tools {

namespace {

result<void> check(const network_config& item, const owner_id& root,
                   const std::string& network) {
  return check_config(item, network, root, wall_now());
}

result<void> check(const seed_certificate& item, const owner_id& root,
                   const std::string& network) {
  return check_certificate(item, root, item.seed, network, wall_now());
}

result<void> check(const join_token& item, const owner_id& root,
                   const std::string& network) {
  return check_certificate(item, root, item.owner, network, wall_now());
}

owner_id root_in(const network_config& item) {
  return item.root;
}
owner_id root_in(const seed_certificate& item) {
  return item.root;
}
owner_id root_in(const join_token& item) {
  return item.issuer.root;
}

template <class T>
exit_code show(const arguments& given) {
  auto item = runtime::read_credential<T>(given.positional.front());
  if (!item)
    return refuse(item.error());
  // What it says of itself, unless the caller knows better.
  auto root = root_in(*item);
  if (auto text = given.value("root")) {
    auto named = owner_named("--root", *text);
    if (!named)
      return refuse(named.error());
    root = *named;
  }
  auto network = given.value("network").value_or(item->network);
  return show_checked(given, *item, check(*item, root, network));
}

exit_code run(const arguments& given) {
  auto kind = runtime::credential_kind(given.positional.front());
  if (!kind)
    return refuse(kind.error());
  if (*kind == seed_certificate::type_name)
    return show<seed_certificate>(given);
  if (*kind == join_token::type_name)
    return show<join_token>(given);
  // Any other kind is refused by name.
  return show<network_config>(given);
}

} // namespace

command_info network_show_command() {
  command_info command;
  command.name = "network show";
  command.summary = "print and check a network's config, a seed's certificate"
                    " or a join token";
  command.usage = "FILE [OPTION...]";
  command.description =
    "Prints what the file says, and checks its signatures and its time. Whoever"
    " has made a file can have signed it with a root of his own: give the root"
    " that you know by --root. Ends with exit code 4 where it does not hold.";
  command.options = {{.name = "root",
                      .kind = value_kind::text,
                      .value_name = "ID",
                      .help = "the root that it should come from"},
                     {.name = "network",
                      .kind = value_kind::text,
                      .value_name = "NAME",
                      .help = "the network that it should be of"},
                     format_option()};
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {"artel network show network.json",
                      "artel network show seed.json --root 9c41...7e -o json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
