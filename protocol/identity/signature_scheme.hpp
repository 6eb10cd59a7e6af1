// Which signatures this thread makes and checks: Ed25519, unless a simulated
// world asks for modelled ones. A modelled signature is a keyed hash: whoever
// knows the public key could make one, so it proves nothing to anybody; but it
// is refused in the same cases as a real one would be (another message, another
// key, changed bytes), at a hundredth of the cost. Only runtime/sim may include
// this file.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"

#include <cstdint>

namespace artel {

enum class signature_kind : std::uint8_t { ed25519 = 1, modelled = 2 };

/// The kind in use on this thread.
signature_kind signature_kind_in_use() noexcept;

/// While it lives, this thread uses the kind; then again what it used before.
class signature_scope {
public:
  explicit signature_scope(signature_kind kind) noexcept;
  ~signature_scope();
  signature_scope(const signature_scope&) = delete;
  signature_scope& operator=(const signature_scope&) = delete;

private:
  signature_kind before_;
};

/// What signs and checks while modelled signatures are in use.
signature modelled_signature(bytes_view public_key,
                             bytes_view message) noexcept;

} // namespace artel
