#include "protocol/identity/keys.hpp"

#include <doctest/doctest.h>

#include <string_view>
#include <utility>

using namespace artel;

namespace {

struct vector_case {
  int number;
  std::string_view what;
  bool valid;
  std::string_view public_key;
  std::string_view message;
  std::string_view signature_text;
};

// From Wycheproof's ed25519_test.json, by its numbers.
// clang-format off
constexpr vector_case vectors[] = {
  {3, "a plain signature", true,
     "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
     "54657374",
     "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0"
     "7a9155711ecfaf7f99f277bad0c6ae7e39d4eef676573336a5c51eb6f946b30d"},
  {15, "R the neutral element, s = 0", false,
     "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
     "3f",
     "0100000000000000000000000000000000000000000000000000000000000000"
     "0000000000000000000000000000000000000000000000000000000000000000"},
  {29, "R and s not reduced", false,
     "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
     "3f",
     "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"
     "edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f"},
  {42, "one bit of R changed", false,
     "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
     "313233343030",
     "647c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281c2b"
     "1d125e5538f38afbcc1c84e489521083041d24bc6240767029da063271a1ff0c"},
  {59, "the sign of R changed", false,
     "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
     "313233343030",
     "657c1492402ab5ce03e2c3a7f0384d051b9cf3570f1207fc78c1bcc98c281cab"
     "227aedf259f910f0f3a759a335062665217925d019173b88917eae294f75d40f"},
  {60, "R = 0", false,
     "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
     "313233343030",
     "0000000000000000000000000000000000000000000000000000000000000000"
     "e0b8e7770d51c7a36375d006c5bffd6af43ff54aaf47e4330dc118c71d61ec02"},
  {63, "s + L instead of s", false,
     "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
     "54657374",
     "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0"
     "67654bce3832c2d76f8f6f5dafc08d9339d4eef676573336a5c51eb6f946b31d"},
  {64, "s + 2L instead of s", false,
     "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
     "54657374",
     "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0"
     "5439412b5395d42f462c67008eba6ca839d4eef676573336a5c51eb6f946b32d"},
  {65, "s + 4L instead of s", false,
     "7d4d0e7f6153a69b6242b522abbee685fda4420f8834b108c3bdae369ef549fa",
     "54657374",
     "7c38e026f29e14aabd059a0f2db8b0cd783040609a8be684db12f82a27774ab0"
     "2ee12ce5875bf9dff26556464bae2ad239d4eef676573336a5c51eb6f946b34d"},
  {80, "RFC 8032, test 1", true,
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
     "",
     "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
     "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b"},
  {81, "RFC 8032, test 2", true,
     "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
     "72",
     "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
     "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"},
  {82, "RFC 8032, test 3", true,
     "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
     "af82",
     "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac"
     "18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a"},
  {84, "s just below its bound", true,
     "100fdf47fb94f1536a4f7c3fda27383fa03375a8f527c537e6f1703c47f94f86",
     "124e583f8b8eca58bb29c271b41d36986bbc45541f8e51f9cb0133eca447601e",
     "dac119d6ca87fc59ae611c157048f4d4fc932a149dbe20ec6effd1436abf83ea"
     "05c7df0fef06147241259113909bc71bd3c53ba4464ffcad3c0968f2ffffff0f"},
  {85, "s just above its bound", false,
     "100fdf47fb94f1536a4f7c3fda27383fa03375a8f527c537e6f1703c47f94f86",
     "6a0bc2b0057cedfc0fa2e3f7f7d39279b30f454a69dfd1117c758d86b19d85e0",
     "0971f86d2c9c78582524a103cb9cf949522ae528f8054dc20107d999be673ff4"
     "e25ebf2f2928766b1248bec6e91697775f8446639ede46ad4df4053000000010"},
  {88, "a long message", true,
     "c9c946cbc5544ac74eef491f07c5881c16faf7ec31ce4aa91bb60ae7b4539051",
     "cd2212eddb0706f62c995cef958634f0cb7793444cbf4d30e81c27c41ebea6cb"
     "02607510131f9c015692dfd521b148841e9a2d3564d20ac401f6cb8e40f520fe"
     "0cafbeaa88840b83013369d879f013463fe52a13267aa0c8c59c45cde9399cd1"
     "e6be8cc64cf48315ac2eb31a1c567a4fb7d601746d1f63b5ac020712adbbe075"
     "19bded6f",
     "24087d47f3e20af51b9668ae0a88ce76586802d0ec75d8c0f28fc30962b5e1d1"
     "a1d509571a1624ed125a8df92a6e963728d6b5de99200b8e285f70feb6f05207"},
  {151, "R not canonical: x = 0 with its sign bit set", false,
     "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
     "313233343030",
     "0100000000000000000000000000000000000000000000000000000000000080"
     "c803ee1f2342aa96ff698a393d1ab5e66f3eda101d6d120b394c3fd32c117d0a"},
};
// clang-format on

std::array<std::uint8_t, 32> seed_of(std::string_view text) {
  return parse_id<hash256>(text).value().value;
}

} // namespace

TEST_CASE("signatures are judged as the Wycheproof vectors say") {
  for (const auto& item : vectors) {
    CAPTURE(item.number);
    CAPTURE(item.what);
    auto message = from_hex(item.message).value();
    auto sig = parse_id<signature>(item.signature_text).value();
    auto node = parse_id<node_id>(item.public_key).value();
    auto owner = parse_id<owner_id>(item.public_key).value();
    CHECK(verify(node, message, sig) == item.valid);
    CHECK(verify(owner, message, sig) == item.valid);
  }
}

TEST_CASE("keys and signatures are those of RFC 8032") {
  auto pair = key_pair::from_seed(seed_of(
    "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60"));
  CHECK(to_string(pair.node())
        == "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(to_string(pair.sign({}))
        == "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555"
           "fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b");
}

TEST_CASE("a signature holds for its key, its message and nothing else") {
  auto random = random_generator::from_number(1);
  for (int i = 0; i < 50; ++i) {
    auto pair = key_pair::generate(random);
    auto other = key_pair::generate(random);
    bytes message(1 + random.below(200));
    random.fill(message);
    auto sig = pair.sign(message);
    REQUIRE(verify(pair.node(), message, sig));
    REQUIRE(verify(pair.owner(), message, sig));
    CHECK_FALSE(verify(other.node(), message, sig));
    auto changed = sig;
    changed.value[random.below(64)] ^=
      static_cast<std::uint8_t>(1 << random.below(8));
    CHECK_FALSE(verify(pair.node(), message, changed));
    message[random.below(message.size())] ^=
      static_cast<std::uint8_t>(1 << random.below(8));
    CHECK_FALSE(verify(pair.node(), message, sig));
  }
}

TEST_CASE("a key of small order verifies nothing") {
  // With the neutral element as key, R = s * B fits any message.
  node_id neutral;
  neutral.value[0] = 1;
  signature forged;
  forged.value[0] = 1;
  CHECK_FALSE(verify(neutral, as_bytes("anything"), forged));
  CHECK_FALSE(verify(node_id{}, as_bytes("anything"), forged));
  CHECK_FALSE(verify(node_id{}, as_bytes("anything"), signature{}));
}

TEST_CASE("a key pair is stored and restored by its seed") {
  auto random = random_generator::from_number(2);
  auto pair = key_pair::generate(random);
  auto restored = key_pair::from_seed(pair.seed());
  CHECK(restored.node() == pair.node());
  CHECK(restored.sign(as_bytes("x")) == pair.sign(as_bytes("x")));
  CHECK(pair.node().value == pair.owner().value);
}

TEST_CASE("generated pairs repeat with the generator's seed and differ else") {
  auto one = random_generator::from_number(3);
  auto same = random_generator::from_number(3);
  auto first = key_pair::generate(one);
  CHECK(key_pair::generate(same).node() == first.node());
  CHECK(key_pair::generate(one).node() != first.node());
}

TEST_CASE("a key pair that is moved from signs no more") {
  auto random = random_generator::from_number(4);
  auto pair = key_pair::generate(random);
  auto copy = pair.clone();
  auto expected = pair.sign(as_bytes("x"));
  auto moved = std::move(pair);
  CHECK(moved.sign(as_bytes("x")) == expected);
  CHECK(copy.sign(as_bytes("x")) == expected);
  // What is left behind has no secret.
  CHECK(pair.seed() == std::array<std::uint8_t, 32>{});
  auto target = key_pair::generate(random);
  target = std::move(moved);
  CHECK(target.sign(as_bytes("x")) == expected);
  CHECK(moved.seed() == std::array<std::uint8_t, 32>{});
}
