// Keeps from trying again and again what fails each time.
//
//   closed --failures in a row--> open --cooldown--> half_open
//   half_open --failure--> open, for twice as long     (at most cooldown_max)
//   any --success--> closed
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>

namespace artel {

enum class breaker_state : std::uint8_t { closed = 1, open, half_open };

struct breaker_terms {
  std::uint32_t failures_max = 5;
  milliseconds cooldown_first{30'000};
  milliseconds cooldown_max{600'000};

  bool operator==(const breaker_terms&) const = default;
};

class circuit_breaker {
public:
  explicit circuit_breaker(const breaker_terms& terms = {}) : terms_(terms) {}

  breaker_state state(instant now) const noexcept;

  /// Whether it may be tried: always while closed, never while open, and one at
  /// a time while half open.
  bool admits(instant now) const noexcept;

  /// It is tried now; ends with one of the next three. Whoever did not ask
  /// admits() is counted in as well.
  void on_attempt() noexcept { ++attempts_; }
  void on_success() noexcept;
  void on_failure(instant now) noexcept;
  /// The attempt was given up, and says nothing.
  void on_abandoned() noexcept;

  std::uint32_t failures() const noexcept { return failures_; }

  void check_invariants() const;

private:
  bool is_tripped() const noexcept { return cooldown_ > milliseconds{0}; }

  breaker_terms terms_;
  /// In a row.
  std::uint32_t failures_ = 0;
  /// Attempts that have not ended.
  std::uint32_t attempts_ = 0;
  /// Zero while closed.
  milliseconds cooldown_{0};
  /// The end of the cooldown.
  instant open_until_{};
};

} // namespace artel
