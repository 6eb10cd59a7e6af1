#include "protocol/identity/hash.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

using namespace artel;

TEST_CASE("a hash is BLAKE2b-256 over domain length, domain and data") {
  // Python: blake2b(pack('<Q', len(domain)) + domain + data, digest_size=32)
  CHECK(to_string(hash_of("artel.test.v1", as_bytes("abc")))
        == "38473f841f1c0be11c4ba394562a3267a4a8c5d55fe067e58b2848ba87dfe919");
  CHECK(to_string(hash_of("artel.test.v1", {}))
        == "fbc72a1381b547764b469bc118d836c063d41bfd1888c70a0d6b256961534219");
  CHECK(to_string(hash_of("", {}))
        == "81e47a19e6b29b0a65b9591762ce5143ed30d0261e5d24a3201752506b20f15c");
}

TEST_CASE("the same data has another hash in another domain") {
  CHECK(hash_of("a", as_bytes("x")) != hash_of("b", as_bytes("x")));
}

TEST_CASE("no domain and data pass for another domain with other data") {
  CHECK(hash_of("ab", as_bytes("c")) != hash_of("a", as_bytes("bc")));
  CHECK(hash_of("abc", {}) != hash_of("", as_bytes("abc")));
}

TEST_CASE("a hash does not depend on the pieces the data comes in") {
  auto random = random_generator::from_number(1);
  for (int i = 0; i < 100; ++i) {
    bytes data(random.below(1000));
    random.fill(data);
    hasher state{"artel.test.v1"};
    for (bytes_view rest = data; !rest.empty();) {
      auto size = std::min<std::size_t>(rest.size(), random.below(300));
      state.update(rest.first(size));
      rest = rest.subspan(size);
    }
    REQUIRE(state.finish() == hash_of("artel.test.v1", data));
  }
}

TEST_CASE("a number is hashed as eight bytes, the least significant first") {
  CHECK(hasher{"d"}.update(std::uint64_t{0x0102030405060708}).finish()
        == hash_of("d", bytes{8, 7, 6, 5, 4, 3, 2, 1}));
}
