#include "protocol/task/task_terms.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"

namespace artel {

hash256 hash_of(const code_ref& code) noexcept {
  if (code.kernel.empty())
    return code.bundle;
  hasher state{"artel.kernel.v1"};
  state.update(code.kernel.size()).update(as_bytes(code.kernel));
  for (const auto& argument : code.kernel_arguments)
    state.update(argument.size()).update(as_bytes(argument));
  return state.finish();
}

hash256 hash_of(const task_terms& terms) {
  return hash_of("artel.terms.v1", wire::encode(terms));
}

} // namespace artel
