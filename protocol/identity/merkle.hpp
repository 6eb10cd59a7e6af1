// One signature for a batch: the signer signs the root of a Merkle tree over
// the leaves, and each leaf proves itself alone by its path to that root.
// Leaves and inner nodes are hashed in different domains (as RFC 6962 does), so
// that an inner node can't be passed off as a leaf.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/limits.hpp"
#include "protocol/identity/keys.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace artel {

/// Shows that one leaf belongs to a signed batch.
struct batch_proof {
  static constexpr std::string_view type_name = "batch_proof";

  std::uint32_t index = 0;
  std::uint32_t count = 0;
  /// Siblings from the leaf up to the root.
  std::vector<hash256> path;
  /// By the signer, over the root.
  signature root_signature;

  bool operator==(const batch_proof&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("index", self.index);
    visit("count", self.count);
    visit("path", self.path);
    visit("root_signature", self.root_signature);
  }
};

/// The root over leaves, in their order; zero for no leaves.
/// O(n) hashes.
hash256 merkle_root(std::span<const hash256> leaves);

/// The tree over leaves, kept: any number of paths cost one building of it.
class merkle_tree {
public:
  explicit merkle_tree(std::span<const hash256> leaves);

  /// As merkle_root() of the leaves.
  hash256 root() const noexcept;

  /// Siblings from a leaf up to the root; the index must be one of a leaf.
  std::vector<hash256> path(std::size_t index) const;

private:
  /// From the leaves up to the root.
  std::vector<std::vector<hash256>> levels_;
};

/// The root that a leaf's path leads to. Nothing where the index is outside the
/// count, or where the path's length does not fit the two.
std::optional<hash256> root_by_path(const hash256& leaf, std::uint32_t index,
                                    std::uint32_t count,
                                    std::span<const hash256> path);

/// The root's signature, over a domain tag, the number of leaves and the root.
signature sign_batch(const key_pair& key, std::span<const hash256> leaves);

/// Checks all leaves at once; false for none, which would prove nothing.
bool verify_batch(const node_id& signer, std::span<const hash256> leaves,
                  const signature& root_signature);

/// Both at once, for one building of the tree: a proof for every leaf, or
/// nothing where the signature does not hold or there are no leaves.
std::optional<std::vector<batch_proof>>
open_batch(const node_id& signer, std::span<const hash256> leaves,
           const signature& root_signature);

/// A proof for every leaf. O(n log n) in time and size.
std::vector<batch_proof> make_proofs(std::span<const hash256> leaves,
                                     const signature& root_signature);

/// Checks one leaf alone. Refuses an index outside the count, and paths whose
/// length does not fit the two.
bool verify_proof(const node_id& signer, const hash256& leaf,
                  const batch_proof& proof);

} // namespace artel
