#include "protocol/task/job_input.hpp"

namespace artel {

hash256 hash_of(const job_input& input) noexcept {
  return hasher{"artel.input.v1"}
    .update(static_cast<std::uint64_t>(input.kind))
    .update(input.first)
    .update(input.last)
    .update(input.name.size())
    .update(as_bytes(input.name))
    .update(input.data.size())
    .update(input.data)
    .finish();
}

} // namespace artel
