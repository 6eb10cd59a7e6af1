#include "tools/artel/commands/network_admit.hpp"

#include "tools/artel/credential_issue.hpp"
#include "tools/artel/report_text.hpp"

namespace artel::tools {

namespace {

constexpr std::string_view usual_expiry = "30d";

result<join_token> unsigned_token(const arguments& given) {
  join_token item;
  auto owner_text = required(given, "owner");
  if (!owner_text)
    return owner_text.error();
  auto owner = owner_named("--owner", *owner_text);
  if (!owner)
    return owner.error();
  item.owner = *owner;
  auto path = required(given, "certificate");
  if (!path)
    return path.error();
  auto certificate = runtime::read_credential<seed_certificate>(*path);
  if (!certificate)
    return certificate.error();
  item.issuer = *certificate;
  item.network = certificate->network;
  if (auto timed = set_times(item, given, usual_expiry); !timed)
    return timed.error();
  return item;
}

result<void> check_seed(const join_token& item, const key_pair& key) {
  return check_certificate(item.issuer, item.issuer.root, key.node(),
                           item.network, item.issued);
}

std::string summary_of(const join_token& item) {
  auto cut = item.expires > item.issuer.expires;
  return "nodes of owner " + short_name(item.owner) + " may join network '"
         + printable(item.network) + "' until "
         + moment_text(cut ? item.issuer.expires : item.expires)
         + (cut ? " (the seed's own certificate ends before the token)" : "");
}

exit_code run(const arguments& given) {
  return issue<join_token>(given, {unsigned_token, {}, check_seed, summary_of});
}

} // namespace

command_info network_admit_command() {
  command_info command;
  command.name = "network admit";
  command.summary = "give an owner a token to join with";
  command.usage =
    "--key FILE --certificate FILE --owner ID --out FILE [OPTION...]";
  command.description =
    "Writes a join token, signed by a seed: with it, all nodes of an owner may"
    " join a network that is not open. A node without an owner's certificate is"
    " its own owner, and its id is the owner's. The file is no secret; it is of"
    " use to that owner alone.";
  command.options = {{.name = "certificate",
                      .kind = value_kind::file,
                      .value_name = "FILE",
                      .help = "the seed's certificate"},
                     {.name = "owner",
                      .kind = value_kind::text,
                      .value_name = "ID",
                      .help = "whose nodes may join"}};
  for (auto& one : issue_options("the seed's key", usual_expiry,
                                 "where to write the token"))
    command.options.push_back(std::move(one));
  command.examples = {
    "artel network admit --key seed.key --certificate seed.json --owner"
    " 77b0...02 --out token.json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
