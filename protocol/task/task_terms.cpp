#include "protocol/task/task_terms.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"

namespace artel {

hash256 hash_of(const code_ref& code) noexcept {
  if (code.kernel.empty())
    return code.bundle;
  return hash_of("artel.kernel.v1", as_bytes(code.kernel));
}

hash256 hash_of(const task_terms& terms) {
  return hash_of("artel.terms.v1", wire::encode(terms));
}

} // namespace artel
