// Reads a chunk's bytes from the owner's files.
#pragma once

#include "actors/messages.hpp"

namespace artel::runtime {

/// Exactly the chunk's bytes; not_found where the file is gone or has become
/// shorter since the task was planned.
result<bytes> read_chunk(const chunk& one);

} // namespace artel::runtime
