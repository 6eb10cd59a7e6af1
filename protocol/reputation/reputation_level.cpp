#include "protocol/reputation/reputation_level.hpp"

namespace artel {

std::string_view to_string(reputation_level level) noexcept {
  switch (level) {
    case reputation_level::terrible: return "terrible";
    case reputation_level::poor: return "poor";
    case reputation_level::average: return "average";
    case reputation_level::good: return "good";
    case reputation_level::excellent: return "excellent";
  }
  return "unknown";
}

reputation_level level_of(ppm score) noexcept {
  if (score.value < 200'000)
    return reputation_level::terrible;
  if (score.value < 400'000)
    return reputation_level::poor;
  if (score.value < 600'000)
    return reputation_level::average;
  if (score.value < 800'000)
    return reputation_level::good;
  return reputation_level::excellent;
}

} // namespace artel
