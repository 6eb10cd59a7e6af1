// The five levels a score falls into.
#pragma once

#include "protocol/core/units.hpp"

#include <cstdint>
#include <string_view>

namespace artel {

enum class reputation_level : std::uint8_t {
  terrible = 1,
  poor = 2,
  average = 3,
  good = 4,
  excellent = 5,
};

std::string_view to_string(reputation_level level) noexcept;

/// [0, 0.2) terrible, [0.2, 0.4) poor, [0.4, 0.6) average, [0.6, 0.8) good,
/// [0.8, 1] excellent.
reputation_level level_of(ppm score) noexcept;

} // namespace artel
