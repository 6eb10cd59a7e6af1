#include "sandbox/kernels/prime_sieve.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <cmath>
#include <cstddef>
#include <cstring>
#include <span>
#include <vector>

namespace artel::sandbox {

namespace {

/// A byte an odd number. The smaller fits a core's first-level cache; with many
/// sieving primes, a larger one meets more of their multiples at a time.
constexpr std::size_t small_segment = 32u << 10;
constexpr std::size_t large_segment = 1u << 20;
constexpr std::uint64_t small_root_max = 1u << 18;

/// Multiples of these come as a pattern that repeats after their product.
constexpr std::array<std::uint32_t, 5> wheel{3, 5, 7, 11, 13};
constexpr std::size_t wheel_span = 3 * 5 * 7 * 11 * 13;

std::uint64_t square_root(std::uint64_t number) {
  auto root =
    static_cast<std::uint64_t>(std::sqrt(static_cast<long double>(number)));
  while (root * root > number)
    --root;
  while ((root + 1) * (root + 1) <= number)
    ++root;
  return root;
}

/// pattern[i] is 1 where 2 i + 1 is a multiple of a prime of the wheel.
std::vector<std::uint8_t> make_pattern(std::size_t segment) {
  std::vector<std::uint8_t> pattern(wheel_span + segment);
  for (auto prime : wheel)
    for (std::size_t i = prime / 2; i < pattern.size(); i += prime)
      pattern[i] = 1;
  return pattern;
}

/// How many of the bytes, each 0 or 1, are 1: eight at a time.
std::uint64_t count_set(std::span<const std::uint8_t> values) {
  constexpr std::size_t lanes = sizeof(std::uint64_t);
  // More additions would overflow a lane.
  constexpr std::size_t round_max = 255 * lanes;
  std::uint64_t total = 0;
  while (values.size() >= lanes) {
    auto round = std::min(values.size() / lanes * lanes, round_max);
    std::uint64_t sums = 0;
    for (std::size_t i = 0; i < round; i += lanes) {
      std::uint64_t word;
      std::memcpy(&word, values.data() + i, lanes);
      sums += word;
    }
    for (; sums != 0; sums >>= 8)
      total += sums & 0xff;
    values = values.subspan(round);
  }
  for (auto value : values)
    total += value;
  return total;
}

/// Walks over the odd numbers first..last in segments. For each, it calls
/// visit(low, composite): composite[i] tells about low + 2 i. True at the end.
/// The primes are those from 17 up to the square root of last.
template <class Visitor>
bool sieve(std::uint64_t first, std::uint64_t last,
           std::span<const std::uint32_t> primes, const keep_going& go_on,
           Visitor&& visit) {
  auto segment =
    square_root(last) <= small_root_max ? small_segment : large_segment;
  auto pattern = make_pattern(segment);
  std::vector<std::uint8_t> composite(segment);
  auto low = first | 1;
  // Where each prime's next multiple lies, counted from the segment's start.
  std::vector<std::uint64_t> next;
  next.reserve(primes.size());
  for (std::uint64_t prime : primes) {
    auto multiple = std::max(prime * prime, (low + prime - 1) / prime * prime);
    if (multiple % 2 == 0)
      multiple += prime;
    next.push_back((multiple - low) / 2);
  }
  while (low <= last) {
    if (!go_on())
      return false;
    auto count = static_cast<std::size_t>(
      std::min<std::uint64_t>(segment, (last - low) / 2 + 1));
    std::memcpy(composite.data(), pattern.data() + low / 2 % wheel_span, count);
    for (std::size_t k = 0; k < primes.size(); ++k) {
      auto position = next[k];
      for (; position < count; position += primes[k])
        composite[position] = 1;
      next[k] = position - count;
    }
    visit(low, std::span<const std::uint8_t>{composite.data(), count});
    low += 2 * static_cast<std::uint64_t>(count);
  }
  return true;
}

/// The primes from 17 to `last` by plain trial; for small `last` only.
std::vector<std::uint32_t> few_primes(std::uint64_t last) {
  std::vector<std::uint32_t> primes;
  for (std::uint32_t number = 17; number <= last; number += 2) {
    auto is_prime = true;
    for (std::uint32_t divisor = 3; divisor * divisor <= number && is_prime;
         divisor += 2)
      is_prime = number % divisor != 0;
    if (is_prime)
      primes.push_back(number);
  }
  return primes;
}

/// The primes from 17 to `last`; nothing where it was told to end.
std::optional<std::vector<std::uint32_t>>
sieving_primes(std::uint64_t last, const keep_going& go_on) {
  constexpr std::uint64_t first = 17;
  std::vector<std::uint32_t> primes;
  if (last < first)
    return primes;
  auto collect = [&primes](std::uint64_t low, auto composite) {
    for (std::size_t i = 0; i < composite.size(); ++i)
      if (!composite[i])
        primes.push_back(static_cast<std::uint32_t>(low + 2 * i));
  };
  if (!sieve(first, last, few_primes(square_root(last)), go_on, collect))
    return std::nullopt;
  return primes;
}

/// Those that the sieve itself doesn't see: 2, and the wheel's own.
std::uint64_t count_smallest(std::uint64_t first, std::uint64_t last) {
  auto lies_within = [first, last](std::uint64_t prime) {
    return first <= prime && prime <= last;
  };
  return static_cast<std::uint64_t>(lies_within(2))
         + static_cast<std::uint64_t>(
           std::count_if(wheel.begin(), wheel.end(), lies_within));
}

} // namespace

std::uint64_t prime_sieve_memory_bytes(std::uint64_t last) {
  auto root = square_root(last);
  // pi(x) < 1.25506 x / ln x (Rosser and Schoenfeld, 1962). A prime and its
  // next multiple, and once more while the list of primes doubles.
  auto count = root < 17 ? 6.0
                         : 1.25506 * static_cast<double>(root)
                             / std::log(static_cast<double>(root));
  auto each = 3 * sizeof(std::uint32_t) + sizeof(std::uint64_t);
  return static_cast<std::uint64_t>(count) * each + 4 * large_segment;
}

std::optional<std::uint64_t>
count_primes(std::uint64_t first, std::uint64_t last, const keep_going& go_on) {
  assert(first <= last && last <= prime_sieve_last_max);
  auto total = count_smallest(first, last);
  // 1 is no prime, and all below 17 are counted already.
  first = std::max<std::uint64_t>(first, 17);
  if (first > last)
    return total;
  auto primes = sieving_primes(square_root(last), go_on);
  if (!primes)
    return std::nullopt;
  auto done =
    sieve(first, last, *primes, go_on, [&total](std::uint64_t, auto values) {
      total += values.size() - count_set(values);
    });
  if (!done)
    return std::nullopt;
  return total;
}

} // namespace artel::sandbox
