// The one envelope that every transport carries.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/messages.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <variant>
#include <vector>

namespace artel::wire {

/// Decides what goes first when a link is busy.
enum class traffic_class : std::uint8_t { control = 1, results = 2, bulk = 3 };

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

/// What an envelope's signature covers ("artel.envelope.v1").
hash256 envelope_digest(const envelope& item);

/// Every payload, in the order of messages.hpp. The index is not on the wire.
using payload =
  std::variant<handshake, handshake_refused, ping, pong, peer_exchange,
               bid_request, bid, job_assign, job_ack, job_result,
               job_result_ack, job_fail, job_cancel, heartbeat, bundle_request,
               bundle_piece>;

/// Decodes the payload by the envelope's type; malformed on an unknown type.
result<payload> decode_payload(const envelope& item);

/// The type_name, the class and the encoding of a payload.
std::string_view type_of(const payload& item) noexcept;
traffic_class class_of(const payload& item) noexcept;
bytes encode_payload(const payload& item);

/// A frame: a four-byte big-endian length (capped), then envelopes back to
/// back, each preceded by its own four-byte length.
bytes encode_frame(std::span<const envelope> items);
result<std::vector<envelope>> decode_frame(bytes_view data);

/// Admits each (sender, class, sequence) once, within a window of 1,024 behind
/// the highest sequence seen. One per link and session; bounded memory.
class replay_window {
public:
  /// replayed where the sequence was seen or lies behind the window.
  result<void> admit(traffic_class priority, std::uint64_t sequence);

private:
  struct lane {
    std::uint64_t highest = 0;
    std::array<std::uint64_t, 16> seen{};
  };
  std::array<lane, 3> lanes_;
};

/// What must hold before a payload is looked at: version, network, recipient,
/// clock (at most 30 s off), time to live. Replay is checked apart.
result<void> check_envelope(const envelope& item, std::string_view network,
                            const node_id& self, wall_time now);

} // namespace artel::wire
