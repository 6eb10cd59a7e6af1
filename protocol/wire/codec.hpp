// Canonical MessagePack from one field list: a map of named fields in the
// list's order, minimal integers, binary for bytes and ids. Strict on the way
// in: limits before allocation, then decode, encode again, compare.
// Explicitly instantiated in codec.cpp for every message; pure.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/result.hpp"

namespace artel::wire {

/// The canonical encoding.
template <class T>
bytes encode(const T& message);

/// The strict inverse. Errors: malformed (truncated, wrong type, unknown,
/// missing or repeated field, trailing bytes), limit_exceeded (size, count,
/// depth), not_canonical (non-minimal integer, other order). The message names
/// the type and, where known, the field.
template <class T>
result<T> decode(bytes_view data);

} // namespace artel::wire
