// What one key says of another, signed and with an end: an owner of its nodes,
// a network's root of its seeds, a seed of who may join. Each can be checked
// offline by anyone who knows the issuer's key. All zero means "none".
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/identity/keys.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace artel {

/// What a certified node may do in its owner's name.
enum class certificate_scope : std::uint8_t {
  all = 1,
  /// Run others' jobs and earn.
  work = 2,
  /// Submit tasks and pay.
  submit = 3,
};

std::string_view to_string(certificate_scope scope) noexcept;
/// The inverse; invalid_argument for any other text.
result<certificate_scope> parse_certificate_scope(std::string_view text);

/// An owner's word that a node is its own: the nodes of one owner share its
/// account, and count as one for replicas. A node without one is its own owner:
/// its owner id is its node id.
struct owner_certificate {
  static constexpr std::string_view type_name = "owner_certificate";

  owner_id owner;
  node_id node;
  /// The only network it is for; empty: any.
  std::string network;
  certificate_scope scope = certificate_scope::all;
  wall_time issued{};
  wall_time expires{};
  /// Over certificate_digest().
  signature owner_signature;

  bool operator==(const owner_certificate&) const = default;
  bool is_none() const noexcept { return owner.is_zero(); }

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("owner", self.owner);
    visit("node", self.node);
    visit("network", self.network);
    visit("scope", self.scope);
    visit("issued", self.issued);
    visit("expires", self.expires);
    visit("owner_signature", self.owner_signature);
  }
};

/// The root's word that a node is a seed of its network.
struct seed_certificate {
  static constexpr std::string_view type_name = "seed_certificate";

  std::string network;
  /// The network's root key.
  owner_id root;
  node_id seed;
  /// The last version of the network's config that it may sign: beyond that the
  /// root alone goes, and so takes the network back from a stolen seed key.
  std::uint64_t config_version_max = 0;
  wall_time issued{};
  wall_time expires{};
  signature root_signature;

  bool operator==(const seed_certificate&) const = default;
  bool is_none() const noexcept { return seed.is_zero(); }

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("root", self.root);
    visit("seed", self.seed);
    visit("config_version_max", self.config_version_max);
    visit("issued", self.issued);
    visit("expires", self.expires);
    visit("root_signature", self.root_signature);
  }
};

/// A seed's word that an owner's nodes may join a network that is not open.
struct join_token {
  static constexpr std::string_view type_name = "join_token";

  std::string network;
  /// Whose nodes may join.
  owner_id owner;
  wall_time issued{};
  wall_time expires{};
  /// The seed that gives it.
  seed_certificate issuer;
  signature seed_signature;

  bool operator==(const join_token&) const = default;
  bool is_none() const noexcept { return owner.is_zero(); }

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("owner", self.owner);
    visit("issued", self.issued);
    visit("expires", self.expires);
    visit("issuer", self.issuer);
    visit("seed_signature", self.seed_signature);
  }
};

/// What each signature covers: the canonical encoding with the signature
/// zeroed, in the domains "artel.owner-certificate.v1",
/// "artel.seed-certificate.v1" and "artel.join-token.v1".
hash256 certificate_digest(const owner_certificate& item);
hash256 certificate_digest(const seed_certificate& item);
hash256 certificate_digest(const join_token& item);

/// Fill in the signer's id and the signature.
void sign_certificate(owner_certificate& item, const key_pair& owner);
void sign_certificate(seed_certificate& item, const key_pair& root);
/// `issuer` is in the token already, and its seed is the key's.
void sign_certificate(join_token& item, const key_pair& seed);

/// Whether it holds for this node in this network at this time: from `issued`
/// (with clock_error_max for clocks that are off) until before `expires`.
/// Errors: invalid_argument (none, another node, another network);
/// bad_signature (another root, or a signature that does not hold); timed_out
/// (expired, or issued in the future).
result<void> check_certificate(const owner_certificate& item,
                               const node_id& node, std::string_view network,
                               wall_time now);
result<void> check_certificate(const seed_certificate& item,
                               const owner_id& root, const node_id& seed,
                               std::string_view network, wall_time now);
/// The issuer's certificate is checked too: a token holds no longer than it.
result<void> check_certificate(const join_token& item, const owner_id& root,
                               const owner_id& owner, std::string_view network,
                               wall_time now);

/// The owner that a node has by this certificate: the certificate's, or, where
/// there is none, the node's own key. Does not check it.
owner_id owner_of(const node_id& node,
                  const owner_certificate& certificate) noexcept;

} // namespace artel
