// BLAKE2b-256 with domain separation: the same bytes hashed for two purposes
// never give the same hash. Thread-safe; pure.
#pragma once

#include "protocol/core/ids.hpp"

#include <string_view>

#include <sodium.h>

namespace artel {

/// Hashes in steps what does not lie in one piece.
class hasher {
public:
  /// The domain names the purpose, such as "artel.receipt.v1". It is hashed
  /// before the data, after its length as eight little-endian bytes.
  explicit hasher(std::string_view domain) noexcept;

  hasher& update(bytes_view data) noexcept;

  /// The number as eight little-endian bytes.
  hasher& update(std::uint64_t number) noexcept;

  /// Ends the hash; the object is used up.
  hash256 finish() noexcept;

private:
  crypto_generichash_state state_;
};

/// hasher{domain}.update(data).finish().
hash256 hash_of(std::string_view domain, bytes_view data) noexcept;

} // namespace artel
