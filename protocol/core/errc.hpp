// Every kind of error artel reports, with what the receiver of it may do.
// Plain values: safe to copy between threads and to put on the wire.
#pragma once

#include <cstdint>
#include <string_view>

namespace artel {

enum class errc : std::uint8_t {
  // Zero is reserved: it never names an error.

  /// A value is malformed or contradicts another; mend the input.
  invalid_argument = 1,
  /// A number lies outside its documented range; mend the input.
  out_of_range = 2,
  /// Checked arithmetic would have wrapped around.
  overflow = 3,
  /// The named thing (file, key, task, kernel) does not exist.
  not_found = 4,
  /// The thing exists already, or the step was taken before.
  already_exists = 5,
  /// A documented limit of size, count or depth was passed.
  limit_exceeded = 6,
  /// Bytes do not decode: truncated, wrong type, trailing bytes.
  malformed = 7,
  /// Bytes decode, but are not the one canonical encoding.
  not_canonical = 8,
  /// A signature, hash or certificate does not fit what it covers.
  bad_signature = 9,
  /// The peer speaks another protocol version.
  version_mismatch = 10,
  /// The peer belongs to another network.
  network_mismatch = 11,
  /// The message was seen before, or is older than the replay window.
  replayed = 12,
  /// The state machine is not in a state that allows the step.
  invalid_state = 13,
  /// The account cannot cover the amount.
  insufficient_credits = 14,
  /// The task's budget is smaller than its price.
  budget_exceeded = 15,
  /// No worker can take the job (none known, none fits, none left).
  no_workers = 16,
  /// Replicas did not reach the wanted agreement.
  verification_failed = 17,
  /// The time allowed ran out.
  timed_out = 18,
  /// A person or the owner stopped it.
  cancelled = 19,
  /// This machine cannot isolate programs as asked.
  sandbox_unavailable = 20,
  /// The program ended in another way than with exit code 0.
  execution_failed = 21,
  /// The operating system refused a call (file, process, memory).
  system_failure = 22,
  /// The other side refuses by its own policy (full, draining, banned).
  refused = 23,
  /// The other side did not answer or its link is down.
  unreachable = 24,
  /// The key was revoked by its network: it is refused everywhere.
  revoked = 25,
};

/// The stable lower-case name of an error, as logs and JSON show it.
std::string_view to_string(errc code) noexcept;

} // namespace artel
