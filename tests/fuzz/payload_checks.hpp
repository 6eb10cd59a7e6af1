// What must hold for any envelope and payload that decodes; shared by the
// targets that get that far.
#pragma once

#include "protocol/wire/envelope.hpp"

#include <vector>

namespace artel::fuzz {

/// By the clock of the receiver.
inline constexpr wall_time check_time{milliseconds{1'700'000'000'000}};

/// Checks it as a receiver would, and its payload.
void check_envelope(const wire::envelope& item);

/// One of each payload, in an envelope that a receiver admits.
std::vector<wire::envelope> all_envelopes();

} // namespace artel::fuzz
