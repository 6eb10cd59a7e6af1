// What a network's seeds decide for all its nodes: who may join, who may not
// any more, limits and prices. Signed by the root or by a seed that the root
// certified; a higher version replaces a lower one, so that every node ends
// with the same, whichever way the versions come.
// A seed signs versions up to the limit in its certificate, so that a stolen
// seed key can't have the last word: the root goes beyond.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/identity/certificates.hpp"
#include "protocol/identity/keys.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

/// The most that a config may demand for a job.
inline constexpr credits price_floor_max = whole_credits(1'000'000);

/// Versions are given to seeds in blocks: a certificate of now ends with the
/// block of the version that follows the current one.
inline constexpr std::uint64_t config_versions_per_block = 1'000'000'000;

/// The last version of the block that `version` lies in; counts from 1.
std::uint64_t last_version_of_block(std::uint64_t version) noexcept;

/// What a node must show to join.
enum class admission_rule : std::uint8_t {
  /// Nothing.
  open = 1,
  /// A join_token for its owner.
  token = 2,
  /// A join_token, and an owner_certificate: nobody is its own owner.
  certificate = 3,
};

std::string_view to_string(admission_rule rule) noexcept;
result<admission_rule> parse_admission_rule(std::string_view text);

/// A seed and where it is reached.
struct seed_entry {
  static constexpr std::string_view type_name = "seed_entry";

  node_id node;
  std::string address;

  bool operator==(const seed_entry&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("node", self.node);
    visit("address", self.address);
  }
};

struct network_config {
  static constexpr std::string_view type_name = "network_config";

  std::string network;
  /// The root key; all of a network's configs name the same.
  owner_id root;
  /// Counts up; 0 is no config.
  std::uint64_t version = 0;
  wall_time issued{};
  admission_rule admission = admission_rule::open;
  /// Seeds to dial first.
  std::vector<seed_entry> seeds;
  /// Who certifies credits, once accounts are witnessed.
  std::vector<node_id> witnesses;
  /// Refused everywhere: node keys, and owners with all their nodes.
  std::vector<node_id> revoked_nodes;
  std::vector<owner_id> revoked_owners;
  /// No worker takes less for a job; from 0 to price_floor_max.
  credits price_floor;
  /// What a node may send another a second before it is slowed down.
  std::uint32_t messages_per_second_max = 20'000;
  /// The seed's certificate; none where the root itself signed.
  seed_certificate issuer;
  signature issuer_signature;

  bool operator==(const network_config&) const = default;
  bool is_none() const noexcept { return version == 0; }

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("root", self.root);
    visit("version", self.version);
    visit("issued", self.issued);
    visit("admission", self.admission);
    visit("seeds", self.seeds);
    visit("witnesses", self.witnesses);
    visit("revoked_nodes", self.revoked_nodes);
    visit("revoked_owners", self.revoked_owners);
    visit("price_floor", self.price_floor);
    visit("messages_per_second_max", self.messages_per_second_max);
    visit("issuer", self.issuer);
    visit("issuer_signature", self.issuer_signature);
  }
};

/// Over the canonical encoding with the signature zeroed, in the domain
/// "artel.network-config.v1".
hash256 config_digest(const network_config& config);

/// By the root: clears the issuer.
void sign_config(network_config& config, const key_pair& root);
/// By a seed with its certificate.
void sign_config(network_config& config, const key_pair& seed,
                 const seed_certificate& certificate);

/// Whether it is one of this network, soundly signed. Errors: network_mismatch;
/// bad_signature (another root, a signature that does not hold, an issuer whose
/// certificate does not hold, had expired when it signed or does not reach to
/// this version, or that the config itself revokes); invalid_argument (version
/// 0, a name listed twice, a price floor or rate outside its limits); timed_out
/// (issued in the future).
result<void> check_config(const network_config& config,
                          std::string_view network, const owner_id& root,
                          wall_time now);

/// Whether `next` takes the place of `current`: a higher version, or of two
/// with the same version the one with the greater digest, so that all nodes
/// agree. Refused where the current one revokes the issuer of the next. Both
/// were checked before; none is superseded by any.
bool supersedes(const network_config& next, const network_config& current);

bool is_revoked(const network_config& config, const node_id& node,
                const owner_id& owner) noexcept;

/// What a node shows of itself when it joins.
struct admission_request {
  node_id node;
  owner_id owner;
  bool claims_seed = false;
  const owner_certificate& ownership;
  const seed_certificate& seed;
  const join_token& token;
};

/// Whether a node may be linked with. `root` zero: a network without a root,
/// where nobody can be a seed and `config` is none. While the config is not
/// known yet, the network counts as open. What is shown must hold, whether it
/// is asked for or not; only seeds may come without a token. Errors say what is
/// missing or wrong: revoked; refused (needs a token, a certificate, may not
/// claim to be a seed); bad_signature; timed_out; invalid_argument.
result<void> check_admission(const admission_request& request,
                             const network_config& config, const owner_id& root,
                             std::string_view network, wall_time now);

} // namespace artel
