#include "protocol/identity/signature_scheme.hpp"

#include <string_view>

#include <sodium.h>

namespace artel {

namespace {

constinit thread_local signature_kind in_use = signature_kind::ed25519;

} // namespace

signature_kind signature_kind_in_use() noexcept {
  return in_use;
}

signature_scope::signature_scope(signature_kind kind) noexcept
  : before_(in_use) {
  in_use = kind;
}

signature_scope::~signature_scope() {
  in_use = before_;
}

signature modelled_signature(bytes_view public_key,
                             bytes_view message) noexcept {
  // Domain, key and a hash as the message fit one block of BLAKE2b. The domain
  // and keys have one length each, so nothing can be read as something else.
  constexpr std::string_view domain = "artel.modelled-signature.v1";
  signature sig;
  crypto_generichash_state state;
  crypto_generichash_init(&state, nullptr, 0, signature::size);
  auto prefix = as_bytes(domain);
  crypto_generichash_update(&state, prefix.data(), prefix.size());
  crypto_generichash_update(&state, public_key.data(), public_key.size());
  crypto_generichash_update(&state, message.data(), message.size());
  crypto_generichash_final(&state, sig.value.data(), sig.value.size());
  return sig;
}

} // namespace artel
