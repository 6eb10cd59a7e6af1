// Ed25519 identities (libsodium). A node's id is its public key.
// Thread-safe after initialize_crypto(), which every entry point calls once.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/random.hpp"

#include <array>
#include <span>

namespace artel {

/// Readies libsodium; aborts where it can't be. Cheap when called again.
void initialize_crypto();

/// A signing key pair. The secret is wiped when the object goes; it is not
/// copied by accident: copies are explicit.
class key_pair {
public:
  /// From a 32-byte seed; the same seed gives the same pair.
  static key_pair from_seed(std::span<const std::uint8_t, 32> seed);

  /// With a seed drawn from the generator.
  static key_pair generate(random_generator& random);

  key_pair(key_pair&&) noexcept;
  key_pair& operator=(key_pair&&) noexcept;
  ~key_pair();

  key_pair clone() const;

  /// The public key under either of its names.
  node_id node() const noexcept;
  owner_id owner() const noexcept;

  /// The seed, for storing the key; the caller wipes it.
  std::array<std::uint8_t, 32> seed() const noexcept;

  signature sign(bytes_view message) const noexcept;

private:
  key_pair() = default;

  std::array<std::uint8_t, 32> public_key_{};
  std::array<std::uint8_t, 64> secret_key_{};
};

/// Whether the signature over message was made by the key of id. Refuses
/// small-order keys and non-canonical signatures (as libsodium does).
bool verify(const node_id& signer, bytes_view message,
            const signature& sig) noexcept;
bool verify(const owner_id& signer, bytes_view message,
            const signature& sig) noexcept;

} // namespace artel
