#include "tools/artel/commands/owner_certify.hpp"

#include "protocol/core/limits.hpp"
#include "runtime/config/credential_file.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/credential_options.hpp"
#include "tools/artel/passphrase_options.hpp"
#include "tools/artel/report_text.hpp"

namespace artel::tools {

namespace {

constexpr std::string_view usual_expiry = "365d";

result<owner_certificate> unsigned_certificate(const arguments& given) {
  owner_certificate item;
  auto node = node_named("NODE", given.positional.front());
  if (!node)
    return node.error();
  item.node = *node;
  auto scope = parse_certificate_scope(given.value("scope").value_or("all"));
  if (!scope)
    return {scope.error().code, "--scope: " + scope.error().message};
  item.scope = *scope;
  item.network = given.value("network").value_or("");
  if (item.network.size() > limits::name_bytes_max)
    return {errc::limit_exceeded, "--network: names have at most "
                                    + std::to_string(limits::name_bytes_max)
                                    + " bytes"};
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
  auto item = unsigned_certificate(given);
  if (!item)
    return refuse(item.error());
  auto key = signing_key_of(given, "key", "make one with artel owner new");
  if (!key)
    return refuse_key(key.error());
  if (item->node == key->node())
    return refuse({errc::invalid_argument,
                   "the key is the node's own: a node is its own owner without"
                   " any certificate"});
  sign_certificate(*item, *key);
  if (auto written = runtime::write_credential(*out, *item, given.has("force"));
      !written)
    return refuse(written.error());
  tell("node " + short_name(item->node) + " is owner " + short_name(item->owner)
       + "'s until " + moment_text(item->expires) + ": '" + *out + "'");
  return exit_code::done;
}

} // namespace

command_info owner_certify_command() {
  command_info command;
  command.name = "owner certify";
  command.summary = "sign a node's key: the node is this owner's";
  command.usage = "NODE --key FILE --out FILE [OPTION...]";
  command.description =
    "Writes a certificate by which a node shows whose it is. NODE is its id, as"
    " 'artel key show' prints it, or its key file. All nodes of an owner share"
    " its account, and no two of them ever run replicas of one job. The file is"
    " no secret; give it to the node.";
  command.options = signing_key_options("key", "the owner's key");
  command.options.push_back({.name = "scope",
                             .kind = value_kind::choice,
                             .value_name = "WHAT",
                             .help = "work (run others' jobs and earn), submit"
                                     " (tasks, and pay) or all",
                             .default_text = "all",
                             .choices = {"all", "work", "submit"}});
  command.options.push_back({.name = "network",
                             .kind = value_kind::text,
                             .value_name = "NAME",
                             .help = "the only network it is for",
                             .default_text = "any"});
  command.options.push_back(expires_option(std::string{usual_expiry}));
  command.options.push_back({.name = "out",
                             .kind = value_kind::file,
                             .value_name = "FILE",
                             .help = "where to write the certificate"});
  command.options.push_back(force_option());
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {
    "artel owner certify node.key --key owner.key --out node.json",
    "artel owner certify 5f3a...c1 --key owner.key --scope work --expires 30d"
    " --out node.json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
