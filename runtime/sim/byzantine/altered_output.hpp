// Wrong answers that look like right ones.
#pragma once

#include "protocol/core/bytes.hpp"

#include <cstdint>

namespace artel::sim {

/// The last number of an output made larger by so much, above zero; where it
/// has none, `by` is put at its end. Two values of `by` never give the same.
bytes altered_output(bytes_view honest, std::uint64_t by);

} // namespace artel::sim
