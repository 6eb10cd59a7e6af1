#include "tools/artel/commands/network_admit.hpp"

#include "runtime/config/credential_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/passphrase_options.hpp"
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
  item.issued = wall_now();
  auto expires = expiry_of(given, usual_expiry, item.issued);
  if (!expires)
    return expires.error();
  item.expires = *expires;
  return item;
}

exit_code run(const arguments& given) {
  auto out = required(given, "out");
  if (!out)
    return refuse(out.error());
  auto item = unsigned_token(given);
  if (!item)
    return refuse(item.error());
  auto key = signing_key_of(given, "key");
  if (!key)
    return refuse_key(key.error());
  if (auto checked =
        check_certificate(item->issuer, item->issuer.root, key->node(),
                          item->network, item->issued);
      !checked)
    return refuse(checked.error());
  sign_certificate(*item, *key);
  if (auto written = runtime::write_credential(*out, *item, given.has("force"));
      !written)
    return refuse(written.error());
  auto end = item->expires;
  if (end > item->issuer.expires) {
    end = item->issuer.expires;
    tell("the seed's own certificate ends before the token, and the token with"
         " it");
  }
  tell("nodes of owner " + short_name(item->owner) + " may join network '"
       + printable(item->network) + "' until " + moment_text(end) + ": '" + *out
       + "'");
  return exit_code::done;
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
  command.options = signing_key_options("key", "the seed's key");
  command.options.push_back({.name = "certificate",
                             .kind = value_kind::file,
                             .value_name = "FILE",
                             .help = "the seed's certificate"});
  command.options.push_back({.name = "owner",
                             .kind = value_kind::text,
                             .value_name = "ID",
                             .help = "whose nodes may join"});
  command.options.push_back(expires_option(std::string{usual_expiry}));
  command.options.push_back({.name = "out",
                             .kind = value_kind::file,
                             .value_name = "FILE",
                             .help = "where to write the token"});
  command.options.push_back(force_option());
  command.examples = {
    "artel network admit --key seed.key --certificate seed.json --owner"
    " 77b0...02 --out token.json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
