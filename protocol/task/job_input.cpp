#include "protocol/task/job_input.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/identity/hash.hpp"

#include <cassert>

namespace artel {

namespace {

hash256 hash_with(const job_input& input, std::uint64_t size_bytes,
                  bytes_view content) noexcept {
  return hasher{"artel.input.v1"}
    .update(static_cast<std::uint64_t>(input.kind))
    .update(input.first)
    .update(input.last)
    .update(input.name.size())
    .update(as_bytes(input.name))
    .update(size_bytes)
    .update(content)
    .finish();
}

} // namespace

std::string_view to_string(input_kind kind) noexcept {
  switch (kind) {
    case input_kind::none: return "none";
    case input_kind::range: return "range";
    case input_kind::data: return "data";
  }
  return "unknown";
}

hash256 hash_of(const job_input& input) {
  // The size is hashed before it, so that a blob's id is not a small input.
  if (input.data.size() > limits::blob_piece_bytes)
    return hash_of(input, blob_ref_of(input.data));
  return hash_with(input, input.data.size(), input.data);
}

hash256 hash_of(const job_input& input, const blob_ref& data) {
  assert(data.size_bytes > limits::blob_piece_bytes);
  return hash_with(input, data.size_bytes, data.id.view());
}

} // namespace artel
