#include "protocol/governance/network_config.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/task/message_text.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"

#include <algorithm>
#include <limits>
#include <optional>
#include <set>

namespace artel {

namespace {

owner_id as_owner(const node_id& node) noexcept {
  return owner_of(node, {});
}

failure named_twice(std::string_view list, const std::string& name) {
  return {errc::invalid_argument, "the network config's " + std::string{list}
                                    + " name " + name + " twice"};
}

template <class Id>
result<void> check_distinct(std::string_view list, const std::vector<Id>& ids) {
  std::set<Id> seen;
  for (const auto& id : ids)
    if (!seen.insert(id).second)
      return named_twice(list, short_name(id));
  return {};
}

result<void> check_lists(const network_config& config) {
  std::set<node_id> seeds;
  std::set<std::string_view> addresses;
  for (const auto& seed : config.seeds) {
    if (!seeds.insert(seed.node).second)
      return named_twice("seeds", short_name(seed.node));
    if (!seed.address.empty() && !addresses.insert(seed.address).second)
      return named_twice("seeds", quoted(seed.address));
  }
  auto checked = check_distinct("witnesses", config.witnesses);
  if (checked)
    checked = check_distinct("revoked nodes", config.revoked_nodes);
  if (checked)
    checked = check_distinct("revoked owners", config.revoked_owners);
  return checked;
}

result<void> check_values(const network_config& config) {
  if (config.is_none())
    return {errc::invalid_argument,
            "the network config has version 0; expected 1 or more"};
  if (config.price_floor < credits{} || config.price_floor > price_floor_max)
    return {errc::invalid_argument, "the network config's price floor is "
                                      + to_string(config.price_floor)
                                      + "; expected 0 to "
                                      + to_string(price_floor_max)};
  if (config.messages_per_second_max == 0)
    return {errc::invalid_argument,
            "the network config allows no message a second; expected 1 or "
            "more"};
  return check_lists(config);
}

/// Whose signature it bears: the root's, or that of a seed which was entitled
/// to it.
result<owner_id> check_issuer(const network_config& config) {
  const auto& issuer = config.issuer;
  if (issuer.is_none()) {
    // None means none: nothing travels in the fields of a certificate that
    // nobody checks.
    if (issuer != seed_certificate{})
      return {errc::bad_signature,
              "the network config's issuer is half a certificate"};
    return config.root;
  }
  auto checked = check_certificate(issuer, config.root, issuer.seed,
                                   config.network, config.issued);
  if (!checked)
    return {errc::bad_signature,
            "the network config's issuer: " + checked.error().message};
  if (config.version > issuer.config_version_max)
    return {errc::bad_signature, "the network config has version "
                                   + std::to_string(config.version)
                                   + "; its issuer may sign up to version "
                                   + std::to_string(issuer.config_version_max)};
  if (is_revoked(config, issuer.seed, as_owner(issuer.seed)))
    return {errc::bad_signature, "the network config is signed by seed "
                                   + short_name(issuer.seed)
                                   + ", which it revokes itself"};
  return as_owner(issuer.seed);
}

result<void> check_ownership(const admission_request& request,
                             std::string_view network, wall_time now) {
  if (!request.ownership.is_none()) {
    auto checked =
      check_certificate(request.ownership, request.node, network, now);
    if (!checked)
      return checked;
  }
  if (request.owner != owner_of(request.node, request.ownership))
    return {errc::bad_signature, "node " + short_name(request.node)
                                   + " shows no certificate of owner "
                                   + short_name(request.owner)};
  return {};
}

/// Nothing where it claims no seed's role.
result<void> check_seed(const admission_request& request, const owner_id& root,
                        std::string_view network, wall_time now) {
  if (!request.claims_seed)
    return {};
  if (root.is_zero())
    return {errc::refused, "network " + quoted(network)
                             + " has no root key, so nobody is its seed"};
  if (request.seed.is_none())
    return {errc::refused, "node " + short_name(request.node)
                             + " says that it is a seed; it needs a "
                               "certificate of the network's root"};
  return check_certificate(request.seed, root, request.node, network, now);
}

result<void> check_token(const admission_request& request,
                         const network_config& config, const owner_id& root,
                         std::string_view network, wall_time now) {
  if (config.admission == admission_rule::open || request.claims_seed)
    return {};
  if (config.admission == admission_rule::certificate
      && request.ownership.is_none())
    return {errc::refused,
            "joining network " + quoted(network)
              + " needs an owner's certificate; see artel owner certify"};
  const auto& token = request.token;
  if (token.is_none())
    return {errc::refused,
            "joining network " + quoted(network)
              + " needs a join token, which its seeds give; see artel network "
                "admit"};
  if (auto checked =
        check_certificate(token, root, request.owner, network, now);
      !checked)
    return checked;
  if (is_revoked(config, token.issuer.seed, as_owner(token.issuer.seed)))
    return {errc::revoked, "the join token was given by seed "
                             + short_name(token.issuer.seed)
                             + ", which the network has revoked since"};
  return {};
}

} // namespace

std::uint64_t last_version_of_block(std::uint64_t version) noexcept {
  constexpr auto size = config_versions_per_block;
  constexpr auto last = std::numeric_limits<std::uint64_t>::max();
  auto blocks = version == 0 ? 1 : (version - 1) / size + 1;
  return blocks > last / size ? last : blocks * size;
}

std::string_view to_string(admission_rule rule) noexcept {
  switch (rule) {
    case admission_rule::open: return "open";
    case admission_rule::token: return "token";
    case admission_rule::certificate: return "certificate";
  }
  return "unknown";
}

result<admission_rule> parse_admission_rule(std::string_view text) {
  for (auto rule : {admission_rule::open, admission_rule::token,
                    admission_rule::certificate})
    if (to_string(rule) == text)
      return rule;
  return {errc::invalid_argument,
          quoted(text)
            + " is no rule of admission; expected open, token or certificate"};
}

hash256 config_digest(const network_config& config) {
  auto item = config;
  item.issuer_signature = {};
  return hash_of("artel.network-config.v1", wire::encode(item));
}

void sign_config(network_config& config, const key_pair& root) {
  config.root = root.owner();
  config.issuer = {};
  config.issuer_signature = root.sign(config_digest(config).view());
}

void sign_config(network_config& config, const key_pair& seed,
                 const seed_certificate& certificate) {
  config.issuer = certificate;
  config.issuer_signature = seed.sign(config_digest(config).view());
}

result<void> check_config(const network_config& config,
                          std::string_view network, const owner_id& root,
                          wall_time now) {
  if (config.network != network)
    return {errc::network_mismatch, "the config is of network "
                                      + quoted(config.network) + ", not "
                                      + quoted(network)};
  if (config.root != root)
    return {errc::bad_signature, "the network config names root "
                                   + short_name(config.root) + ", not "
                                   + short_name(root)};
  if (auto checked = check_values(config); !checked)
    return checked;
  if (config.issued > now + wire::clock_error_max)
    return {errc::timed_out, "the network config was issued in the future; is "
                             "a clock wrong, here or there?"};
  auto signer = check_issuer(config);
  if (!signer)
    return signer.error();
  if (!verify(*signer, config_digest(config).view(), config.issuer_signature))
    return {errc::bad_signature, "the network config is not signed by "
                                   + short_name(*signer)
                                   + ", or was changed since"};
  return {};
}

bool supersedes(const network_config& next, const network_config& current) {
  if (next.is_none())
    return false;
  const auto& issuer = next.issuer;
  if (!issuer.is_none()
      && is_revoked(current, issuer.seed, as_owner(issuer.seed)))
    return false;
  if (next.version != current.version)
    return next.version > current.version;
  return config_digest(next) > config_digest(current);
}

bool is_revoked(const network_config& config, const node_id& node,
                const owner_id& owner) noexcept {
  const auto& nodes = config.revoked_nodes;
  const auto& owners = config.revoked_owners;
  return std::find(nodes.begin(), nodes.end(), node) != nodes.end()
         || std::find(owners.begin(), owners.end(), owner) != owners.end();
}

result<void> check_admission(const admission_request& request,
                             const network_config& config, const owner_id& root,
                             std::string_view network, wall_time now) {
  // Before anything that costs a signature.
  if (is_revoked(config, request.node, request.owner))
    return {errc::revoked, "network " + quoted(network) + " has revoked node "
                             + short_name(request.node) + " or its owner "
                             + short_name(request.owner)};
  auto checked = check_ownership(request, network, now);
  if (checked)
    checked = check_seed(request, root, network, now);
  if (checked)
    checked = check_token(request, config, root, network, now);
  return checked;
}

} // namespace artel
