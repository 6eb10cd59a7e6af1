// What a book of the monitor says of a step: nothing, or which rule did not
// hold. The names of rules stand here alone.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace artel::sim {

namespace rules {

inline constexpr std::string_view credits_conserved = "credits conserved";
inline constexpr std::string_view hold_resolved_once = "hold resolved once";
inline constexpr std::string_view unverified_paid = "unverified result paid";
/// A worker that agreed with a verdict goes without its price.
inline constexpr std::string_view verified_unpaid = "verified result unpaid";
inline constexpr std::string_view unverified_returned =
  "unverified result returned";
inline constexpr std::string_view job_ended_twice = "job ended twice";
inline constexpr std::string_view receipt_refuted = "receipt does not verify";
inline constexpr std::string_view log_error = "log error";

} // namespace rules

struct finding {
  std::string_view rule;
  std::string detail;
};

/// Empty: all holds.
using verdict_of_book = std::optional<finding>;

} // namespace artel::sim
