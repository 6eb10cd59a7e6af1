#include "runtime/net/link_certificate.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace artel;
using namespace artel::runtime;

namespace {

key_pair some_key(std::uint64_t seed) {
  initialize_crypto();
  auto random = random_generator::from_number(seed);
  return key_pair::generate(random);
}

bytes encoded(X509& certificate) {
  unsigned char* at = nullptr;
  auto size = i2d_X509(&certificate, &at);
  REQUIRE(size > 0);
  bytes made{at, at + size};
  OPENSSL_free(at);
  return made;
}

} // namespace

TEST_CASE("a link's certificate says whose it is") {
  auto identity = some_key(1);
  auto made = make_link_credentials(identity);
  REQUIRE(made);
  auto node = check_link_certificate(*made->certificate);
  REQUIRE(node);
  CHECK(*node == identity.node());
  auto again = check_link_certificate(encoded(*made->certificate));
  REQUIRE(again);
  CHECK(*again == identity.node());
  CHECK(encoded(*made->certificate).size() < 600);
}

TEST_CASE("each start has a TLS key of its own") {
  auto identity = some_key(1);
  auto one = make_link_credentials(identity);
  auto other = make_link_credentials(identity);
  REQUIRE(one);
  REQUIRE(other);
  CHECK(EVP_PKEY_eq(one->key.get(), other->key.get()) == 0);
}

TEST_CASE("another node's binding does not fit a key") {
  auto victim = make_link_credentials(some_key(1));
  auto attacker = make_link_credentials(some_key(2));
  REQUIRE(victim);
  REQUIRE(attacker);
  // The victim's extension on the attacker's key.
  auto stolen = X509_get_ext(victim->certificate.get(), 0);
  X509_EXTENSION_free(X509_delete_ext(attacker->certificate.get(), 0));
  REQUIRE(X509_add_ext(attacker->certificate.get(), stolen, -1));
  REQUIRE(X509_sign(attacker->certificate.get(), attacker->key.get(), nullptr));
  auto node = check_link_certificate(*attacker->certificate);
  REQUIRE(!node);
  CHECK(node.error().code == errc::bad_signature);
}

TEST_CASE("a certificate without a binding, or with two, is refused") {
  auto made = make_link_credentials(some_key(1));
  REQUIRE(made);
  auto certificate = made->certificate.get();
  SUBCASE("two") {
    REQUIRE(X509_add_ext(certificate, X509_get_ext(certificate, 0), -1));
  }
  SUBCASE("none") {
    X509_EXTENSION_free(X509_delete_ext(certificate, 0));
  }
  REQUIRE(X509_sign(certificate, made->key.get(), nullptr));
  auto node = check_link_certificate(*certificate);
  REQUIRE(!node);
  CHECK(node.error().code == errc::malformed);
}

TEST_CASE("a TLS key of another kind is refused") {
  auto made = make_link_credentials(some_key(1));
  REQUIRE(made);
  evp_key other{EVP_PKEY_Q_keygen(nullptr, nullptr, "EC", "P-256")};
  REQUIRE(X509_set_pubkey(made->certificate.get(), other.get()));
  auto node = check_link_certificate(*made->certificate);
  REQUIRE(!node);
  CHECK(node.error().code == errc::malformed);
}

TEST_CASE("no change of a certificate's bytes proves another node") {
  auto identity = some_key(1);
  auto made = make_link_credentials(identity);
  REQUIRE(made);
  auto original = encoded(*made->certificate);
  std::size_t refused = 0;
  for (std::size_t i = 0; i < original.size(); ++i) {
    auto changed = original;
    changed[i] ^= 0x20;
    auto node = check_link_certificate(changed);
    if (node)
      // Names and dates mean nothing.
      CHECK(*node == identity.node());
    else
      ++refused;
  }
  CHECK(refused > node_id::size + signature::size);
  for (std::size_t size = 0; size < original.size(); ++size)
    CHECK_FALSE(check_link_certificate(bytes_view{original}.first(size)));
}
