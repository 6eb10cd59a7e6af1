// What became of a node's links, counted by kind. Written by the transport's
// threads, readable from any other at any time; each number only grows, but
// the two that say how many there are.
#pragma once

#include <atomic>
#include <cstdint>

namespace artel::runtime {

struct transport_counters {
  using counter = std::atomic<std::uint64_t>;

  /// Links whose other end proved who it is, now; and connections that have
  /// not come so far.
  counter links_open{0};
  counter handshakes_open{0};

  /// Connections taken, and those dialled that came up.
  counter accepted{0};
  counter dialled{0};
  counter dials_failed{0};

  /// Closed at once: more than links_max in all, more than per_address_max from
  /// one address, no descriptors left but the reserve.
  counter refused_total{0};
  counter refused_address{0};
  counter refused_descriptors{0};
  /// Closed before their time, since newer ones wanted to greet.
  counter evicted{0};

  /// No handshake within handshake_timeout.
  counter handshake_timeouts{0};
  /// TLS: another version than 1.3; no certificate; one that does not bind its
  /// key to a node; all else, such as bytes that are no TLS.
  counter tls_version{0};
  counter tls_no_certificate{0};
  counter tls_bad_binding{0};
  counter tls_failed{0};

  /// Links closed for what came over them: a frame above its limit; a segment
  /// of an unknown class or a bad length; partial frames above the budget of
  /// all links, or without progress.
  counter oversized{0};
  counter malformed{0};
  counter over_budget{0};
  counter stalled_reads{0};
  /// Links closed since their other end took nothing for too long.
  counter stalled_writes{0};

  /// Frames of ours that found no room, and those that went out and came in.
  counter frames_dropped{0};
  counter frames_sent{0};
  counter frames_received{0};
  counter bytes_sent{0};
  counter bytes_received{0};
};

} // namespace artel::runtime
