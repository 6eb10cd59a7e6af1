#include "protocol/identity/certificates.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/task/message_text.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"

#include <algorithm>
#include <cassert>

namespace artel {

namespace {

template <class T>
hash256 digest_without(T item, signature T::*signed_by,
                       std::string_view domain) {
  item.*signed_by = {};
  return hash_of(domain, wire::encode(item));
}

result<void> check_time(std::string_view what, wall_time issued,
                        wall_time expires, wall_time now) {
  if (issued > now + wire::clock_error_max)
    return {errc::timed_out,
            std::string{what}
              + " was issued in the future; is a clock wrong, here or there?"};
  if (expires <= now)
    return {errc::timed_out, std::string{what} + " has expired"};
  return {};
}

result<void> check_network(std::string_view what, std::string_view found,
                           std::string_view expected) {
  if (found == expected)
    return {};
  return {errc::invalid_argument, std::string{what} + " is for network "
                                    + quoted(found) + ", not "
                                    + quoted(expected)};
}

template <class Id>
failure other_id(std::string_view what, const Id& found, const Id& expected) {
  return {errc::invalid_argument, std::string{what} + " is for "
                                    + short_name(found) + ", not for "
                                    + short_name(expected)};
}

failure unsound(std::string_view what, std::string_view signer) {
  return {errc::bad_signature, std::string{what} + " is not signed by "
                                 + std::string{signer}
                                 + ", or was changed since"};
}

} // namespace

std::string_view to_string(certificate_scope scope) noexcept {
  switch (scope) {
    case certificate_scope::all: return "all";
    case certificate_scope::work: return "work";
    case certificate_scope::submit: return "submit";
  }
  return "unknown";
}

result<certificate_scope> parse_certificate_scope(std::string_view text) {
  for (auto scope : {certificate_scope::all, certificate_scope::work,
                     certificate_scope::submit})
    if (to_string(scope) == text)
      return scope;
  return {errc::invalid_argument,
          quoted(text)
            + " is no scope of a certificate; expected all, work or submit"};
}

hash256 certificate_digest(const owner_certificate& item) {
  return digest_without(item, &owner_certificate::owner_signature,
                        "artel.owner-certificate.v1");
}

hash256 certificate_digest(const seed_certificate& item) {
  return digest_without(item, &seed_certificate::root_signature,
                        "artel.seed-certificate.v1");
}

hash256 certificate_digest(const join_token& item) {
  return digest_without(item, &join_token::seed_signature,
                        "artel.join-token.v1");
}

void sign_certificate(owner_certificate& item, const key_pair& owner) {
  item.owner = owner.owner();
  item.owner_signature = owner.sign(certificate_digest(item).view());
}

void sign_certificate(seed_certificate& item, const key_pair& root) {
  item.root = root.owner();
  item.root_signature = root.sign(certificate_digest(item).view());
}

void sign_certificate(join_token& item, const key_pair& seed) {
  assert(item.issuer.seed == seed.node());
  item.seed_signature = seed.sign(certificate_digest(item).view());
}

result<void> check_certificate(const owner_certificate& item,
                               const node_id& node, std::string_view network,
                               wall_time now) {
  constexpr std::string_view what = "the owner certificate";
  if (item.is_none())
    return {errc::invalid_argument, "there is no owner certificate"};
  if (item.node != node)
    return other_id(what, item.node, node);
  if (!item.network.empty())
    if (auto checked = check_network(what, item.network, network); !checked)
      return checked;
  if (!verify(item.owner, certificate_digest(item).view(),
              item.owner_signature))
    return unsound(what, "owner " + short_name(item.owner));
  return check_time(what, item.issued, item.expires, now);
}

result<void> check_certificate(const seed_certificate& item,
                               const owner_id& root, const node_id& seed,
                               std::string_view network, wall_time now) {
  constexpr std::string_view what = "the seed certificate";
  if (item.is_none())
    return {errc::invalid_argument, "there is no seed certificate"};
  if (item.seed != seed)
    return other_id(what, item.seed, seed);
  if (auto checked = check_network(what, item.network, network); !checked)
    return checked;
  if (item.root != root)
    return unsound(what, "the network's root");
  if (!verify(item.root, certificate_digest(item).view(), item.root_signature))
    return unsound(what, "root " + short_name(item.root));
  return check_time(what, item.issued, item.expires, now);
}

result<void> check_certificate(const join_token& item, const owner_id& root,
                               const owner_id& owner, std::string_view network,
                               wall_time now) {
  constexpr std::string_view what = "the join token";
  if (item.is_none())
    return {errc::invalid_argument, "there is no join token"};
  if (item.owner != owner)
    return other_id(what, item.owner, owner);
  if (auto checked = check_network(what, item.network, network); !checked)
    return checked;
  if (auto checked =
        check_certificate(item.issuer, root, item.issuer.seed, network, now);
      !checked)
    return {checked.error().code,
            "the join token's issuer: " + checked.error().message};
  if (!verify(item.issuer.seed, certificate_digest(item).view(),
              item.seed_signature))
    return unsound(what, "seed " + short_name(item.issuer.seed));
  return check_time(what, item.issued, item.expires, now);
}

owner_id owner_of(const node_id& node,
                  const owner_certificate& certificate) noexcept {
  if (!certificate.is_none())
    return certificate.owner;
  owner_id own;
  own.value = node.value;
  return own;
}

} // namespace artel
