#include "protocol/identity/keys.hpp"

#include "protocol/identity/signature_scheme.hpp"

#include <sodium.h>

#include <cstdio>
#include <cstdlib>

namespace artel {

namespace {

bool verify_with(bytes_view public_key, bytes_view message,
                 const signature& sig) noexcept {
  if (signature_kind_in_use() == signature_kind::modelled)
    return sig == modelled_signature(public_key, message);
  return crypto_sign_verify_detached(sig.value.data(), message.data(),
                                     message.size(), public_key.data())
         == 0;
}

} // namespace

void initialize_crypto() {
  if (sodium_init() < 0) {
    std::fputs("libsodium can't be initialised: no source of randomness\n",
               stderr);
    std::abort();
  }
}

key_pair key_pair::from_seed(std::span<const std::uint8_t, 32> seed) {
  key_pair pair;
  crypto_sign_seed_keypair(pair.public_key_.data(), pair.secret_key_.data(),
                           seed.data());
  return pair;
}

key_pair key_pair::generate(random_generator& random) {
  std::array<std::uint8_t, 32> seed;
  random.fill(seed);
  auto pair = from_seed(seed);
  sodium_memzero(seed.data(), seed.size());
  return pair;
}

key_pair::key_pair(key_pair&& other) noexcept
  : public_key_(other.public_key_),
    secret_key_(other.secret_key_) {
  sodium_memzero(other.secret_key_.data(), other.secret_key_.size());
}

key_pair& key_pair::operator=(key_pair&& other) noexcept {
  if (this != &other) {
    public_key_ = other.public_key_;
    secret_key_ = other.secret_key_;
    sodium_memzero(other.secret_key_.data(), other.secret_key_.size());
  }
  return *this;
}

key_pair::~key_pair() {
  sodium_memzero(secret_key_.data(), secret_key_.size());
}

key_pair key_pair::clone() const {
  key_pair copy;
  copy.public_key_ = public_key_;
  copy.secret_key_ = secret_key_;
  return copy;
}

node_id key_pair::node() const noexcept {
  return node_id{public_key_};
}

owner_id key_pair::owner() const noexcept {
  return owner_id{public_key_};
}

std::array<std::uint8_t, 32> key_pair::seed() const noexcept {
  std::array<std::uint8_t, 32> seed;
  crypto_sign_ed25519_sk_to_seed(seed.data(), secret_key_.data());
  return seed;
}

signature key_pair::sign(bytes_view message) const noexcept {
  if (signature_kind_in_use() == signature_kind::modelled)
    return modelled_signature(public_key_, message);
  signature sig;
  crypto_sign_detached(sig.value.data(), nullptr, message.data(),
                       message.size(), secret_key_.data());
  return sig;
}

bool verify(const node_id& signer, bytes_view message,
            const signature& sig) noexcept {
  return verify_with(signer.view(), message, sig);
}

bool verify(const owner_id& signer, bytes_view message,
            const signature& sig) noexcept {
  return verify_with(signer.view(), message, sig);
}

} // namespace artel
