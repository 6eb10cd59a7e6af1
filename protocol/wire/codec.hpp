// Canonical MessagePack from one field list: a map of named fields in the
// list's order, minimal integers, binary for bytes and ids. Strict on the way
// in: limits before allocation, and only what encoding again would not change.
// Explicitly instantiated in codec.cpp for every message; pure.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/result.hpp"

namespace artel::wire {

/// The canonical encoding. Does not check limits: what passes one is refused by
/// whoever decodes it.
template <class T>
bytes encode(const T& message);

/// The strict inverse. Errors: malformed (truncated, wrong type, number out of
/// its field's range, enumerator without a name, unknown, missing or repeated
/// field, trailing bytes), limit_exceeded (size, count, depth, time beyond
/// limits::time_ms_max), not_canonical (non-minimal integer or header, other
/// order). The message names the type and the way to the field:
/// "job_assign.jobs[3].input.kind: ...".
template <class T>
result<T> decode(bytes_view data);

} // namespace artel::wire
