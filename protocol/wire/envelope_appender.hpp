// An envelope's encoding, written where it is to stand: frames hold many, and
// large ones are not to be copied once more. Pure.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/wire/envelope.hpp"

namespace artel::wire {

/// Appends what encode() gives. Defined in codec.cpp.
void append_encoded(bytes& target, const envelope& item);

} // namespace artel::wire
