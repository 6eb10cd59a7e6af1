// The one source of randomness: a ChaCha20 stream from a 32-byte seed. The
// same seed gives the same numbers on every machine, compiler and build.
// Not thread-safe: each node owns one.
#pragma once

#include "protocol/core/ids.hpp"

#include <array>
#include <cstdint>
#include <span>

namespace artel {

class random_generator {
public:
  using seed_type = std::array<std::uint8_t, 32>;

  explicit random_generator(const seed_type& seed) noexcept;

  /// A generator for tests and simulations, seeded from one number.
  static random_generator from_number(std::uint64_t seed) noexcept;

  std::uint64_t next() noexcept;

  /// Uniform in [0, bound), without modulo bias; 0 for bound 0.
  std::uint64_t below(std::uint64_t bound) noexcept;

  /// True with the given probability (parts per million).
  bool chance(std::int32_t parts_per_million) noexcept;

  void fill(std::span<std::uint8_t> target) noexcept;

  /// An independent generator: seeds a part without sharing the stream.
  random_generator fork() noexcept;

  template <class Id>
  Id id() noexcept {
    Id result;
    fill(result.value);
    return result;
  }

private:
  void refill() noexcept;

  seed_type key_;
  std::array<std::uint8_t, 512> block_;
  std::size_t used_ = sizeof(block_);
  std::uint64_t counter_ = 0;
};

} // namespace artel
