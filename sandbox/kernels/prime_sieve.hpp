// Counts primes by a segmented sieve over odd numbers: memory grows with the
// square root of the range's end, never with its length.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace artel::sandbox {

/// Beyond, the sieving primes alone would take some hundred megabytes.
inline constexpr std::uint64_t prime_sieve_last_max = 10'000'000'000'000'000;

/// Asked before each segment (some microseconds to milliseconds of work);
/// counting ends where it says no.
using keep_going = std::function<bool()>;

/// An upper bound of the bytes that counting up to `last` allocates.
std::uint64_t prime_sieve_memory_bytes(std::uint64_t last);

/// How many primes lie in first..last, both included. Nothing where it was told
/// to end. first <= last <= prime_sieve_last_max.
std::optional<std::uint64_t>
count_primes(std::uint64_t first, std::uint64_t last, const keep_going& go_on);

} // namespace artel::sandbox
