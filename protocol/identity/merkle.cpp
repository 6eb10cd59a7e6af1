#include "protocol/identity/merkle.hpp"

#include "protocol/identity/hash.hpp"

#include <cassert>
#include <limits>

namespace artel {

namespace {

hash256 leaf_node(const hash256& leaf) noexcept {
  return hash_of("artel.merkle.leaf.v1", leaf.view());
}

hash256 inner_node(const hash256& left, const hash256& right) noexcept {
  return hasher{"artel.merkle.node.v1"}
    .update(left.view())
    .update(right.view())
    .finish();
}

/// What the root's signature is made over.
hash256 batch_digest(std::uint64_t count, const hash256& root) noexcept {
  return hasher{"artel.batch.v1"}.update(count).update(root.view()).finish();
}

std::vector<hash256> leaf_level(std::span<const hash256> leaves) {
  assert(leaves.size() <= std::numeric_limits<std::uint32_t>::max());
  std::vector<hash256> level;
  level.reserve(leaves.size());
  for (const auto& leaf : leaves)
    level.push_back(leaf_node(leaf));
  return level;
}

/// Pairs neighbours; a last one without a partner goes up as it is. That gives
/// the tree of RFC 6962, whose left part is the largest full one.
std::vector<hash256> next_level(const std::vector<hash256>& level) {
  std::vector<hash256> above;
  above.reserve((level.size() + 1) / 2);
  for (std::size_t i = 0; i + 1 < level.size(); i += 2)
    above.push_back(inner_node(level[i], level[i + 1]));
  if (level.size() % 2 != 0)
    above.push_back(level.back());
  return above;
}

std::vector<batch_proof> proofs_of(const merkle_tree& tree, std::size_t count,
                                   const signature& root_signature) {
  std::vector<batch_proof> proofs(count);
  for (std::size_t i = 0; i < count; ++i) {
    proofs[i].index = static_cast<std::uint32_t>(i);
    proofs[i].count = static_cast<std::uint32_t>(count);
    proofs[i].path = tree.path(i);
    proofs[i].root_signature = root_signature;
  }
  return proofs;
}

} // namespace

hash256 merkle_root(std::span<const hash256> leaves) {
  if (leaves.empty())
    return {};
  auto level = leaf_level(leaves);
  while (level.size() > 1)
    level = next_level(level);
  return level.front();
}

merkle_tree::merkle_tree(std::span<const hash256> leaves) {
  levels_.push_back(leaf_level(leaves));
  while (levels_.back().size() > 1)
    levels_.push_back(next_level(levels_.back()));
}

hash256 merkle_tree::root() const noexcept {
  return levels_.back().empty() ? hash256{} : levels_.back().front();
}

std::vector<hash256> merkle_tree::path(std::size_t index) const {
  assert(index < levels_.front().size());
  std::vector<hash256> siblings;
  for (const auto& level : levels_) {
    if (auto sibling = index ^ 1; sibling < level.size())
      siblings.push_back(level[sibling]);
    index /= 2;
  }
  return siblings;
}

signature sign_batch(const key_pair& key, std::span<const hash256> leaves) {
  return key.sign(batch_digest(leaves.size(), merkle_root(leaves)).view());
}

bool verify_batch(const node_id& signer, std::span<const hash256> leaves,
                  const signature& root_signature) {
  return !leaves.empty()
         && verify(signer,
                   batch_digest(leaves.size(), merkle_root(leaves)).view(),
                   root_signature);
}

std::optional<std::vector<batch_proof>>
open_batch(const node_id& signer, std::span<const hash256> leaves,
           const signature& root_signature) {
  merkle_tree tree{leaves};
  if (leaves.empty()
      || !verify(signer, batch_digest(leaves.size(), tree.root()).view(),
                 root_signature))
    return std::nullopt;
  return proofs_of(tree, leaves.size(), root_signature);
}

std::vector<batch_proof> make_proofs(std::span<const hash256> leaves,
                                     const signature& root_signature) {
  return proofs_of(merkle_tree{leaves}, leaves.size(), root_signature);
}

std::optional<hash256> root_by_path(const hash256& leaf, std::uint32_t index,
                                    std::uint32_t count,
                                    std::span<const hash256> path) {
  if (index >= count)
    return std::nullopt;
  auto node = leaf_node(leaf);
  auto sibling = path.begin();
  // `position` among the nodes of a level whose last one is `last`.
  auto position = index;
  auto last = count - 1;
  for (; last > 0; position /= 2, last /= 2) {
    if (position == last && position % 2 == 0)
      continue;
    if (sibling == path.end())
      return std::nullopt;
    node = position % 2 == 0 ? inner_node(node, *sibling)
                             : inner_node(*sibling, node);
    ++sibling;
  }
  return sibling == path.end() ? std::optional{node} : std::nullopt;
}

bool verify_proof(const node_id& signer, const hash256& leaf,
                  const batch_proof& proof) {
  auto root = root_by_path(leaf, proof.index, proof.count, proof.path);
  return root
         && verify(signer, batch_digest(proof.count, *root).view(),
                   proof.root_signature);
}

} // namespace artel
