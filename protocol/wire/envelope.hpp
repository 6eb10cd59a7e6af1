// The one envelope that every transport carries.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/limits.hpp"
#include "protocol/core/time.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/messages.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace artel::wire {

/// Decides what goes first when a link is busy.
enum class traffic_class : std::uint8_t { control = 1, results = 2, bulk = 3 };

std::string_view to_string(traffic_class which) noexcept;

struct envelope {
  static constexpr std::string_view type_name = "envelope";

  std::uint32_t version = protocol_version;
  std::string network;
  /// The payload's type_name.
  std::string type;
  node_id sender;
  /// Zero in a handshake to a node whose id is not known yet.
  node_id recipient;
  traffic_class priority = traffic_class::control;
  /// Counts up from 1 per sender, recipient and class, within a session.
  std::uint64_t sequence = 0;
  wall_time sent{};
  milliseconds time_to_live{30'000};
  /// The payload's canonical encoding.
  bytes payload;
  /// Over envelope_digest(); zero where the link authenticates the sender.
  signature sender_signature;

  bool operator==(const envelope&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("version", self.version);
    visit("network", self.network);
    visit("type", self.type);
    visit("sender", self.sender);
    visit("recipient", self.recipient);
    visit("priority", self.priority);
    visit("sequence", self.sequence);
    visit("sent", self.sent);
    visit("time_to_live_ms", self.time_to_live);
    visit("payload", self.payload);
    visit("sender_signature", self.sender_signature);
  }
};

/// What an envelope's signature covers ("artel.envelope.v1"): every field but
/// the signature. Streams, so it doesn't copy the payload.
hash256 envelope_digest(const envelope& item);

/// Every payload, in the order of messages.hpp. The index is not on the wire.
using payload =
  std::variant<handshake, handshake_refused, goodbye, network_update, ping,
               pong, peer_exchange, bid_request, bid, job_assign, job_ack,
               job_result, job_result_ack, job_fail, job_cancel, heartbeat,
               payment, payment_ack, blob_request, blob_piece>;

/// Decodes the payload by the envelope's type; malformed on an unknown type,
/// and otherwise as decode().
result<payload> decode_payload(const envelope& item);

/// The type_name, the class and the encoding of a payload.
std::string_view type_of(const payload& item) noexcept;
traffic_class class_of(const payload& item) noexcept;
bytes encode_payload(const payload& item);

/// The four-byte big-endian length that goes before a frame and before each
/// envelope in it.
inline constexpr std::size_t length_bytes = 4;
/// The largest frame, its own length included: it has room for the largest
/// envelope. What reads a stream refuses a length above
/// frame_bytes_max - length_bytes before it waits for the rest.
inline constexpr std::size_t frame_bytes_max =
  limits::envelope_bytes_max + 2 * length_bytes;

/// How many of the items, from the first on, go into one frame: as many as stay
/// within frame_bytes_max and envelopes_per_frame_max, but at least one.
std::size_t count_for_frame(std::span<const envelope> items);

/// A frame: its length, then envelopes back to back, each preceded by its own
/// length. The items fit into one frame, as count_for_frame() says.
bytes encode_frame(std::span<const envelope> items);

/// The strict inverse; `data` is one whole frame with its length. Errors:
/// malformed (the lengths don't fit the data), limit_exceeded (bytes,
/// envelopes), and those of decode(), with the envelope's position.
result<std::vector<envelope>> decode_frame(bytes_view data);

/// Admits each (sender, class, sequence) once, within a window of 1,024 behind
/// the highest sequence seen. One per link and session; bounded memory.
class replay_window {
public:
  static constexpr std::uint64_t size = 1024;

  /// replayed where the sequence was seen or lies `size` or more behind the
  /// highest; malformed for sequence 0 (sequences count from 1).
  result<void> admit(traffic_class priority, std::uint64_t sequence);

private:
  /// One class's window: bit (sequence modulo size) of `seen` tells whether
  /// that sequence, of the last `size` up to `highest`, has been admitted.
  struct lane {
    std::uint64_t highest = 0;
    std::array<std::uint64_t, size / 64> seen{};
  };
  std::array<lane, 3> lanes_;
};

/// How far a sender's clock may be off.
inline constexpr milliseconds clock_error_max{30'000};

/// What must hold before a payload is looked at. Errors: version_mismatch;
/// network_mismatch; invalid_argument (another recipient; none is needed in a
/// handshake); out_of_range (sent more than clock_error_max from now);
/// timed_out (time to live has run out). Replay is checked apart.
result<void> check_envelope(const envelope& item, std::string_view network,
                            const node_id& self, wall_time now);

} // namespace artel::wire
