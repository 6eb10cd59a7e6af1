#include "protocol/identity/hash.hpp"

#include <array>
#include <cassert>

namespace artel {

hasher::hasher(std::string_view domain) noexcept {
  // Fails only for a key or a length out of range, and both are constant.
  [[maybe_unused]] auto failed =
    crypto_generichash_init(&state_, nullptr, 0, hash256::size);
  assert(!failed);
  // The length goes first: no domain and data can be read as another domain
  // with other data.
  update(std::uint64_t{domain.size()});
  update(as_bytes(domain));
}

hasher& hasher::update(bytes_view data) noexcept {
  crypto_generichash_update(&state_, data.data(), data.size());
  return *this;
}

hasher& hasher::update(std::uint64_t number) noexcept {
  std::array<std::uint8_t, 8> raw;
  for (std::size_t i = 0; i < raw.size(); ++i)
    raw[i] = static_cast<std::uint8_t>(number >> (8 * i));
  return update(bytes_view{raw});
}

hash256 hasher::finish() noexcept {
  hash256 digest;
  crypto_generichash_final(&state_, digest.value.data(), digest.value.size());
  return digest;
}

hash256 hash_of(std::string_view domain, bytes_view data) noexcept {
  return hasher{domain}.update(data).finish();
}

} // namespace artel
