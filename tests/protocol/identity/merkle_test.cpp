#include "protocol/identity/merkle.hpp"

#include "protocol/identity/hash.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <bit>
#include <limits>

using namespace artel;

namespace {

constexpr std::size_t count_max = 70;

key_pair some_key() {
  auto random = random_generator::from_number(1);
  return key_pair::generate(random);
}

std::vector<hash256> some_leaves(std::size_t count) {
  auto random = random_generator::from_number(count);
  std::vector<hash256> leaves(count);
  for (auto& leaf : leaves)
    leaf = random.id<hash256>();
  return leaves;
}

hash256 inner(const hash256& left, const hash256& right) {
  return hasher{"artel.merkle.node.v1"}
    .update(left.view())
    .update(right.view())
    .finish();
}

/// RFC 6962's definition: the left part is the largest power of two below n.
hash256 defined_root(std::span<const hash256> leaves) {
  if (leaves.size() == 1)
    return hash_of("artel.merkle.leaf.v1", leaves.front().view());
  auto left = std::bit_floor(leaves.size() - 1);
  return inner(defined_root(leaves.first(left)),
               defined_root(leaves.subspan(left)));
}

void flip_one_bit(std::span<std::uint8_t> data, random_generator& random) {
  data[random.below(data.size())] ^=
    static_cast<std::uint8_t>(1 << random.below(8));
}

} // namespace

TEST_CASE("the root is that of RFC 6962's tree") {
  CHECK(merkle_root({}).is_zero());
  for (std::size_t count = 1; count <= count_max; ++count) {
    CAPTURE(count);
    auto leaves = some_leaves(count);
    CHECK(merkle_root(leaves) == defined_root(leaves));
  }
}

TEST_CASE("every leaf of every batch proves itself") {
  auto key = some_key();
  for (std::size_t count = 1; count <= count_max; ++count) {
    auto leaves = some_leaves(count);
    auto proofs = make_proofs(leaves, sign_batch(key, leaves));
    REQUIRE(proofs.size() == count);
    for (std::size_t i = 0; i < count; ++i)
      REQUIRE(verify_proof(key.node(), leaves[i], proofs[i]));
  }
}

TEST_CASE("a proof with anything changed proves nothing") {
  auto key = some_key();
  auto random = random_generator::from_number(2);
  for (std::size_t count = 1; count <= count_max; ++count) {
    CAPTURE(count);
    auto leaves = some_leaves(count);
    auto proofs = make_proofs(leaves, sign_batch(key, leaves));
    auto chosen = random.below(count);
    const auto& leaf = leaves[chosen];
    const auto& proof = proofs[chosen];
    auto refuses = [&](const hash256& claimed, const batch_proof& item) {
      return !verify_proof(key.node(), claimed, item);
    };
    auto other_leaf = leaf;
    flip_one_bit(other_leaf.value, random);
    CHECK(refuses(other_leaf, proof));
    auto changed = proof;
    flip_one_bit(changed.root_signature.value, random);
    CHECK(refuses(leaf, changed));
    changed = proof;
    changed.path.push_back(random.id<hash256>());
    CHECK(refuses(leaf, changed));
    for (std::uint32_t index = 0; index < count + 2; ++index) {
      changed = proof;
      changed.index = index;
      CHECK(refuses(leaf, changed) == (index != chosen));
    }
    for (std::uint32_t other = 0; other < 2 * count + 2; ++other) {
      changed = proof;
      changed.count = other;
      CHECK(refuses(leaf, changed) == (other != count));
    }
    if (proof.path.empty())
      continue;
    changed = proof;
    flip_one_bit(changed.path[random.below(changed.path.size())].value, random);
    CHECK(refuses(leaf, changed));
    changed = proof;
    changed.path.pop_back();
    CHECK(refuses(leaf, changed));
    CHECK_FALSE(verify_proof(node_id{}, leaf, proof));
  }
}

TEST_CASE("an inner node does not pass for a leaf") {
  auto key = some_key();
  auto leaves = some_leaves(4);
  auto proofs = make_proofs(leaves, sign_batch(key, leaves));
  auto node = proofs[2].path[1]; // over leaves 0 and 1
  auto shortened = proofs[0];
  shortened.path.erase(shortened.path.begin());
  for (std::uint32_t count = 1; count <= 4; ++count)
    for (std::uint32_t index = 0; index < count; ++index) {
      shortened.index = index;
      shortened.count = count;
      CHECK_FALSE(verify_proof(key.node(), node, shortened));
    }
}

TEST_CASE("a proof of the largest count needs a path and gets no crash") {
  auto key = some_key();
  batch_proof proof;
  proof.count = std::numeric_limits<std::uint32_t>::max();
  proof.index = proof.count - 1;
  CHECK_FALSE(verify_proof(key.node(), {}, proof));
  proof.path.resize(32);
  CHECK_FALSE(verify_proof(key.node(), {}, proof));
  proof.path.resize(1000);
  CHECK_FALSE(verify_proof(key.node(), {}, proof));
}

TEST_CASE("a path is never longer than its limit") {
  auto key = some_key();
  auto leaves = some_leaves(1024);
  auto proofs = make_proofs(leaves, sign_batch(key, leaves));
  for (const auto& proof : proofs)
    REQUIRE(proof.path.size() == 10);
  CHECK(verify_proof(key.node(), leaves[1023], proofs[1023]));
}

TEST_CASE("a batch verifies as it was signed, in its order") {
  auto key = some_key();
  for (std::size_t count = 1; count <= count_max; ++count) {
    auto leaves = some_leaves(count);
    auto sig = sign_batch(key, leaves);
    REQUIRE(verify_batch(key.node(), leaves, sig));
    REQUIRE_FALSE(verify_batch(node_id{}, leaves, sig));
    REQUIRE(open_batch(key.node(), leaves, sig) == make_proofs(leaves, sig));
    REQUIRE_FALSE(open_batch(node_id{}, leaves, sig));
    auto fewer = leaves;
    fewer.pop_back();
    REQUIRE_FALSE(verify_batch(key.node(), fewer, sig));
    auto more = leaves;
    more.push_back(leaves.back());
    REQUIRE_FALSE(verify_batch(key.node(), more, sig));
    if (count == 1)
      continue;
    auto reversed = leaves;
    std::reverse(reversed.begin(), reversed.end());
    REQUIRE_FALSE(verify_batch(key.node(), reversed, sig));
  }
}

TEST_CASE("an empty batch is never verified") {
  auto key = some_key();
  CHECK_FALSE(verify_batch(key.node(), {}, sign_batch(key, {})));
  CHECK_FALSE(open_batch(key.node(), {}, sign_batch(key, {})));
  CHECK(make_proofs({}, {}).empty());
}
