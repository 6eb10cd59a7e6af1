#include "protocol/core/random.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace artel {

random_generator::random_generator(const seed_type& seed) noexcept
  : key_(seed) {
}

random_generator random_generator::from_number(std::uint64_t seed) noexcept {
  seed_type key{};
  for (int i = 0; i < 8; ++i)
    key[i] = static_cast<std::uint8_t>(seed >> (8 * i));
  return random_generator{key};
}

void random_generator::refill() noexcept {
  // The stream's nonce counts blocks, so the state is key and counter alone.
  std::array<std::uint8_t, crypto_stream_chacha20_NONCEBYTES> nonce{};
  for (int i = 0; i < 8; ++i)
    nonce[i] = static_cast<std::uint8_t>(counter_ >> (8 * i));
  ++counter_;
  crypto_stream_chacha20(block_.data(), block_.size(), nonce.data(),
                         key_.data());
  used_ = 0;
}

std::uint64_t random_generator::next() noexcept {
  std::array<std::uint8_t, 8> raw;
  fill(raw);
  std::uint64_t value = 0;
  for (int i = 0; i < 8; ++i)
    value |= std::uint64_t{raw[i]} << (8 * i);
  return value;
}

std::uint64_t random_generator::below(std::uint64_t bound) noexcept {
  if (bound < 2)
    return 0;
  // Values below 2^64 mod bound would make small results likelier.
  auto skip = (0 - bound) % bound;
  auto value = next();
  while (value < skip)
    value = next();
  return value % bound;
}

bool random_generator::chance(std::int32_t parts_per_million) noexcept {
  return static_cast<std::int64_t>(below(1'000'000)) < parts_per_million;
}

void random_generator::fill(std::span<std::uint8_t> target) noexcept {
  while (!target.empty()) {
    if (used_ == block_.size())
      refill();
    auto count = std::min(target.size(), block_.size() - used_);
    std::memcpy(target.data(), block_.data() + used_, count);
    used_ += count;
    target = target.subspan(count);
  }
}

random_generator random_generator::fork() noexcept {
  seed_type key;
  fill(key);
  return random_generator{key};
}

} // namespace artel
