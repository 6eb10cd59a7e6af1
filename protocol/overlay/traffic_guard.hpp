// What a peer may send: its messages and bytes are counted against a rate each.
// What goes beyond is to be dropped; who goes far beyond for long is to lose
// its link. Bounded memory; exact; the caller gives the time. Not thread-safe.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/overlay/token_bucket.hpp"

#include <cstdint>
#include <optional>

namespace artel {

/// 0: no bound. A burst of two seconds' worth is taken.
struct traffic_terms {
  std::uint64_t messages_per_second = 0;
  std::uint64_t bytes_per_second = 0;

  bool operator==(const traffic_terms&) const = default;
};

/// The smaller of two bounds, where 0 is none.
std::uint64_t smaller_bound(std::uint64_t a, std::uint64_t b) noexcept;

enum class traffic_verdict : std::uint8_t {
  admit = 1,
  drop,
  /// Ten times beyond for ten seconds in a row.
  flood,
};

class traffic_guard {
public:
  static constexpr std::uint64_t flood_factor = 10;
  static constexpr std::uint32_t flood_seconds = 10;

  traffic_guard(const traffic_terms& terms, instant now);

  /// Buckets are filled anew where the terms are others.
  void set_terms(const traffic_terms& terms, instant now);

  /// One message of so many bytes.
  traffic_verdict take(std::uint64_t bytes, instant now);

private:
  bool is_flood(std::uint64_t bytes, instant now);

  traffic_terms terms_;
  std::optional<token_bucket> messages_;
  std::optional<token_bucket> bytes_;
  /// The second that is being counted.
  instant second_start_{};
  std::uint64_t second_messages_ = 0;
  std::uint64_t second_bytes_ = 0;
  /// Far beyond, in a row before this one.
  std::uint32_t flooded_seconds_ = 0;
};

} // namespace artel
