#include "runtime/sim/network/latency.hpp"

#include <algorithm>
#include <array>
#include <limits>

namespace artel::sim {

namespace {

/// -ln((i + 0.5) / 64) in thousandths: an exponential draw of mean 1 from a
/// uniform i in 0..63.
constexpr std::array<std::int64_t, 64> exponential_permille = {
  4'852, 3'753, 3'243, 2'906, 2'655, 2'454, 2'287, 2'144, 2'019, 1'908, 1'808,
  1'717, 1'633, 1'556, 1'485, 1'418, 1'356, 1'297, 1'241, 1'188, 1'138, 1'091,
  1'045, 1'002, 960,   920,   882,   845,   809,   774,   741,   709,   678,
  647,   618,   589,   562,   535,   508,   483,   458,   433,   409,   386,
  363,   341,   319,   298,   277,   257,   237,   217,   198,   179,   161,
  143,   125,   107,   90,    73,    56,    40,    24,    8,
};
/// ln(64): the tail beyond the first entry's bin looks like the whole again.
constexpr std::int64_t bin_permille = 4'159;

/// The tail ends at so many times the mean.
constexpr std::int64_t cut = 10;

/// In thousandths of its mean.
std::int64_t draw_exponential(random_generator& random) {
  std::int64_t sum = 0;
  while (sum < 2 * cut * 1'000) {
    auto bin = random.below(exponential_permille.size());
    if (bin > 0)
      return sum + exponential_permille[bin];
    sum += bin_permille;
  }
  return sum;
}

} // namespace

microseconds draw_latency(const link_profile& profile,
                          random_generator& random) {
  auto mean = std::max<std::int64_t>(profile.latency.count(), 0);
  switch (profile.shape) {
    case latency_shape::constant: break;
    case latency_shape::uniform: {
      auto part = random.below(static_cast<std::uint64_t>(mean) + 1);
      return microseconds{mean / 2 + static_cast<std::int64_t>(part)};
    }
    case latency_shape::exponential: {
      auto tail = mean / 2 * draw_exponential(random) / 1'000;
      return microseconds{std::min(mean / 2 + tail, cut * mean)};
    }
  }
  return microseconds{mean};
}

microseconds draw_detour(const link_profile& profile,
                         random_generator& random) {
  auto mean = std::max<std::int64_t>(profile.latency.count(), 0);
  auto most = static_cast<std::uint64_t>(4 * mean);
  return microseconds{static_cast<std::int64_t>(random.below(most + 1))};
}

microseconds transmission_time(std::uint64_t bytes,
                               std::uint64_t bytes_per_second) {
  if (bytes_per_second == 0)
    return microseconds{0};
  constexpr std::uint64_t second_us = 1'000'000;
  // A frame is below 2^27 bytes: no product here passes 64 bits.
  auto time = (bytes * second_us + bytes_per_second - 1) / bytes_per_second;
  return microseconds{static_cast<std::int64_t>(time)};
}

} // namespace artel::sim
