// Certificates that the other end of a link shows, as DER.
#include "protocol/identity/keys.hpp"
#include "runtime/net/link_certificate.hpp"
#include "tests/fuzz/target.hpp"

#include <array>

#include <openssl/x509.h>

namespace artel::fuzz {

namespace {

bytes made_for(std::uint8_t seed_byte) {
  std::array<std::uint8_t, 32> seed;
  seed.fill(seed_byte);
  auto made = runtime::make_link_credentials(key_pair::from_seed(seed));
  require(made.ok(), "a certificate can be made");
  unsigned char* encoded = nullptr;
  auto size = i2d_X509(made->certificate.get(), &encoded);
  require(size > 0, "a certificate has an encoding");
  bytes data{encoded, encoded + size};
  OPENSSL_free(encoded);
  return data;
}

} // namespace

void run(bytes_view input) {
  auto node = runtime::check_link_certificate(input);
  if (!node) {
    require(!node.error().message.empty(), "a refusal says why");
    return;
  }
  require(!node->is_zero(), "a certificate names a node");
  auto again = runtime::check_link_certificate(input);
  require(again.ok() && *again == *node, "the same bytes, the same node");
}

std::vector<seed> make_seeds() {
  return {{"one", made_for(1)}, {"other", made_for(2)}};
}

} // namespace artel::fuzz
