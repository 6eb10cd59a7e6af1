#include "protocol/identity/signature_scheme.hpp"

#include "protocol/core/bytes.hpp"
#include "protocol/core/random.hpp"
#include "protocol/identity/keys.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace artel;

namespace {

key_pair make_key(std::uint64_t number) {
  auto random = random_generator::from_number(number);
  return key_pair::generate(random);
}

} // namespace

TEST_CASE("signatures are Ed25519 unless a scope says otherwise") {
  CHECK(signature_kind_in_use() == signature_kind::ed25519);
  {
    signature_scope outer{signature_kind::modelled};
    CHECK(signature_kind_in_use() == signature_kind::modelled);
    {
      signature_scope inner{signature_kind::ed25519};
      CHECK(signature_kind_in_use() == signature_kind::ed25519);
    }
    CHECK(signature_kind_in_use() == signature_kind::modelled);
  }
  CHECK(signature_kind_in_use() == signature_kind::ed25519);
}

TEST_CASE("a scope is of its own thread alone") {
  signature_scope scope{signature_kind::modelled};
  auto elsewhere = signature_kind::modelled;
  std::thread{[&] { elsewhere = signature_kind_in_use(); }}.join();
  CHECK(elsewhere == signature_kind::ed25519);
}

TEST_CASE("a modelled signature holds for its key and its message only") {
  signature_scope scope{signature_kind::modelled};
  auto key = make_key(1);
  auto other = make_key(2);
  for (std::size_t size : {0, 1, 32, 128, 1'000}) {
    CAPTURE(size);
    bytes message(size, 7);
    auto sig = key.sign(message);
    CHECK(verify(key.node(), message, sig));
    CHECK(verify(key.owner(), message, sig));
    CHECK_FALSE(verify(other.node(), message, sig));
    CHECK_FALSE(verify(other.owner(), message, sig));
    auto longer = message;
    longer.push_back(7);
    CHECK_FALSE(verify(key.node(), longer, sig));
    for (auto& byte : message) {
      byte ^= 1;
      REQUIRE_FALSE(verify(key.node(), message, sig));
      byte ^= 1;
    }
  }
}

TEST_CASE("a modelled signature fails with any byte of it changed") {
  signature_scope scope{signature_kind::modelled};
  auto key = make_key(1);
  auto message = as_bytes("a receipt");
  auto sig = key.sign(message);
  for (auto& byte : sig.value) {
    byte ^= 0x10;
    CHECK_FALSE(verify(key.node(), message, sig));
    byte ^= 0x10;
  }
  CHECK(verify(key.node(), message, sig));
  CHECK_FALSE(verify(key.node(), message, signature{}));
}

TEST_CASE("a modelled signature is the same on every machine") {
  signature_scope scope{signature_kind::modelled};
  auto message = as_bytes("a receipt");
  CHECK(make_key(1).sign(message) == make_key(1).sign(message));
  // BLAKE2b over the domain, 32 zeros and the message.
  auto sig = modelled_signature(node_id{}.view(), message);
  CHECK(to_string(sig).substr(0, 16) == "4286d64af22341b8");
}

TEST_CASE("neither kind passes for the other") {
  auto key = make_key(1);
  auto message = as_bytes("a receipt");
  auto real = key.sign(message);
  CHECK(verify(key.node(), message, real));
  signature modelled;
  {
    signature_scope scope{signature_kind::modelled};
    modelled = key.sign(message);
    CHECK_FALSE(verify(key.node(), message, real));
  }
  CHECK_FALSE(verify(key.node(), message, modelled));
  CHECK(verify(key.node(), message, real));
}
