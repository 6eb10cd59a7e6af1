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

} // namespace

hash256 merkle_root(std::span<const hash256> leaves) {
  if (leaves.empty())
    return {};
  auto level = leaf_level(leaves);
  while (level.size() > 1)
    level = next_level(level);
  return level.front();
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

std::vector<batch_proof> make_proofs(std::span<const hash256> leaves,
                                     const signature& root_signature) {
  std::vector<batch_proof> proofs(leaves.size());
  for (std::size_t i = 0; i < proofs.size(); ++i) {
    proofs[i].index = static_cast<std::uint32_t>(i);
    proofs[i].count = static_cast<std::uint32_t>(leaves.size());
    proofs[i].root_signature = root_signature;
  }
  auto level = leaf_level(leaves);
  for (std::size_t height = 0; level.size() > 1; ++height) {
    for (std::size_t i = 0; i < proofs.size(); ++i) {
      auto sibling = (i >> height) ^ 1;
      if (sibling < level.size())
        proofs[i].path.push_back(level[sibling]);
    }
    level = next_level(level);
  }
  return proofs;
}

bool verify_proof(const node_id& signer, const hash256& leaf,
                  const batch_proof& proof) {
  if (proof.index >= proof.count)
    return false;
  auto node = leaf_node(leaf);
  auto sibling = proof.path.begin();
  // `position` among the nodes of a level whose last one is `last`.
  auto position = proof.index;
  auto last = proof.count - 1;
  for (; last > 0; position /= 2, last /= 2) {
    if (position == last && position % 2 == 0)
      continue;
    if (sibling == proof.path.end())
      return false;
    node = position % 2 == 0 ? inner_node(node, *sibling)
                             : inner_node(*sibling, node);
    ++sibling;
  }
  return sibling == proof.path.end()
         && verify(signer, batch_digest(proof.count, node).view(),
                   proof.root_signature);
}

} // namespace artel
