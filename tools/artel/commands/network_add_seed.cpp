#include "tools/artel/commands/network_add_seed.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/overlay/address.hpp"
#include "tools/artel/credential_issue.hpp"
#include "tools/artel/network_change.hpp"
#include "tools/artel/report_text.hpp"

#include <algorithm>
#include <optional>

namespace artel::tools {

namespace {

constexpr std::string_view usual_expiry = "365d";

/// Nothing where none is given: a seed that is listed keeps its own.
result<std::optional<std::string>> address_of(const arguments& given) {
  auto text = given.value("address");
  if (!text)
    return std::optional<std::string>{};
  auto address = parse_address(*text);
  if (!address)
    return {address.error().code, "--address: " + address.error().message};
  return std::optional{to_string(*address)};
}

result<void> list_seed(network_config& config, const node_id& node,
                       const std::optional<std::string>& address) {
  if (is_revoked(config, node, owner_of(node, {})))
    return {errc::revoked,
            "node " + short_name(node) + " was revoked by this network"};
  auto& seeds = config.seeds;
  auto known = std::find_if(seeds.begin(), seeds.end(),
                            [&](const auto& one) { return one.node == node; });
  if (known == seeds.end()) {
    if (seeds.size() >= limits::seeds_max)
      return {errc::limit_exceeded, "a network has at most "
                                      + std::to_string(limits::seeds_max)
                                      + " seeds"};
    seeds.push_back({node, {}});
    known = std::prev(seeds.end());
  }
  if (address)
    known->address = *address;
  return {};
}

exit_code run(const arguments& given) {
  auto certificate_path = required(given, "certificate-out");
  auto node_text = required(given, "node");
  if (!certificate_path || !node_text)
    return refuse(!node_text ? node_text.error() : certificate_path.error());
  auto node = node_named("--node", *node_text);
  auto address = address_of(given);
  if (!node || !address)
    return refuse(!node ? node.error() : address.error());
  seed_certificate certificate;
  if (auto timed = set_times(certificate, given, usual_expiry); !timed)
    return refuse(timed.error());
  auto change = network_change::begin(given, "root-key");
  if (!change)
    return refuse_key(change.error());
  auto& config = change->config();
  certificate.network = config.network;
  certificate.seed = *node;
  certificate.config_version_max = last_version_of_block(config.version);
  sign_certificate(certificate, change->key());
  auto done = list_seed(config, *node, *address);
  if (done)
    done = change->sign();
  // The config last: where the certificate can't be written, it is as before.
  if (done)
    done = runtime::write_credential(*certificate_path, certificate,
                                     given.has("force"));
  if (done)
    done = change->save();
  if (!done)
    return refuse(done.error());
  tell("node " + short_name(*node) + " is a seed of network '"
       + printable(config.network) + "' until "
       + moment_text(certificate.expires) + ": '" + *certificate_path
       + "'; the config's version is " + std::to_string(config.version));
  return exit_code::done;
}

} // namespace

command_info network_add_seed_command() {
  command_info command;
  command.name = "network add-seed";
  command.summary = "certify a seed node, and list it in the network's config";
  command.usage = "FILE --root-key FILE --node NODE --certificate-out FILE"
                  " [OPTION...]";
  command.description =
    "Writes a certificate by which a node shows that it is a seed of the"
    " network, and raises the config's version with the seed in its list. A "
    "seed"
    " may sign later configs, give join tokens, and later be a witness of"
    " credits. Run again for a seed that is listed, it renews its certificate.";
  command.options =
    signing_key_options("root-key", "the key that signed the network");
  command.options.push_back({.name = "node",
                             .kind = value_kind::text,
                             .value_name = "NODE",
                             .help = "the seed: its id, or its key file"});
  command.options.push_back({.name = "address",
                             .kind = value_kind::text,
                             .value_name = "HOST:PORT",
                             .help = "where all nodes can reach it"});
  command.options.push_back({.name = "certificate-out",
                             .kind = value_kind::file,
                             .value_name = "FILE",
                             .help = "where to write the seed's certificate"});
  command.options.push_back(expires_option(std::string{usual_expiry}));
  command.options.push_back(force_option());
  command.positional = value_kind::file;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {
    "artel network add-seed network.json --root-key root.key --node seed.key"
    " --address seed.example:7447 --certificate-out seed.json"};
  command.run = run;
  return command;
}

} // namespace artel::tools
