#include "protocol/wire/envelope.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/task/message_text.hpp"

#include <optional>
#include <type_traits>
#include <utility>

namespace artel::wire {

namespace {

hasher& update_sized(hasher& state, bytes_view data) {
  return state.update(std::uint64_t{data.size()}).update(data);
}

/// Decodes as the first alternative, from Index on, whose type_name fits.
template <std::size_t Index = 0>
result<payload> decode_from(const envelope& item) {
  if constexpr (Index == std::variant_size_v<payload>) {
    return {errc::malformed,
            "envelope.type: " + quoted(item.type) + " is no type of payload"};
  } else {
    using message = std::variant_alternative_t<Index, payload>;
    if (item.type != message::type_name)
      return decode_from<Index + 1>(item);
    auto decoded = decode<message>(item.payload);
    if (!decoded)
      return decoded.error();
    return payload{*std::move(decoded)};
  }
}

/// What carries work and answers, and what carries code; all else is short and
/// keeps links and leases alive, so it goes first.
template <class Message>
constexpr traffic_class class_of_type() noexcept {
  if (std::is_same_v<Message,
                     job_assign> || std::is_same_v<Message, job_result>)
    return traffic_class::results;
  if (std::is_same_v<Message, blob_piece>)
    return traffic_class::bulk;
  return traffic_class::control;
}

} // namespace

std::string_view to_string(traffic_class which) noexcept {
  switch (which) {
    case traffic_class::control: return "control";
    case traffic_class::results: return "results";
    case traffic_class::bulk: return "bulk";
  }
  return "unknown";
}

hash256 envelope_digest(const envelope& item) {
  hasher state{"artel.envelope.v1"};
  state.update(std::uint64_t{item.version});
  update_sized(state, as_bytes(item.network));
  update_sized(state, as_bytes(item.type));
  state.update(item.sender.view())
    .update(item.recipient.view())
    .update(static_cast<std::uint64_t>(item.priority))
    .update(item.sequence)
    .update(static_cast<std::uint64_t>(item.sent.time_since_epoch().count()))
    .update(static_cast<std::uint64_t>(item.time_to_live.count()));
  return update_sized(state, item.payload).finish();
}

result<payload> decode_payload(const envelope& item) {
  return decode_from(item);
}

std::string_view type_of(const payload& item) noexcept {
  return std::visit(
    [](const auto& message) {
      return std::remove_cvref_t<decltype(message)>::type_name;
    },
    item);
}

traffic_class class_of(const payload& item) noexcept {
  return std::visit(
    [](const auto& message) {
      return class_of_type<std::remove_cvref_t<decltype(message)>>();
    },
    item);
}

bytes encode_payload(const payload& item) {
  return std::visit([](const auto& message) { return encode(message); }, item);
}

result<void> check_envelope(const envelope& item, std::string_view network,
                            const node_id& self, wall_time now) {
  if (item.version != protocol_version)
    return {errc::version_mismatch,
            "the envelope has version " + std::to_string(item.version)
              + "; this node speaks " + std::to_string(protocol_version)};
  if (item.network != network)
    return {errc::network_mismatch, "the envelope belongs to network "
                                      + quoted(item.network) + "; this node to "
                                      + quoted(network)};
  auto to_whom_it_concerns =
    item.recipient.is_zero() && item.type == handshake::type_name;
  if (item.recipient != self && !to_whom_it_concerns)
    return {errc::invalid_argument, "the envelope is for node "
                                      + short_name(item.recipient)
                                      + "; this is " + short_name(self)};
  // Compared before they are subtracted: a sender may claim any moment.
  if (item.sent < now - clock_error_max || item.sent > now + clock_error_max)
    return {errc::out_of_range,
            "the envelope was sent at "
              + std::to_string(item.sent.time_since_epoch().count())
              + " ms by its sender's clock, which is more than "
              + std::to_string(clock_error_max.count()) + " ms from "
              + std::to_string(now.time_since_epoch().count()) + " ms by ours"};
  auto age = now - item.sent;
  if (age > item.time_to_live)
    return {errc::timed_out, "the envelope is " + std::to_string(age.count())
                               + " ms old; its time to live is "
                               + std::to_string(item.time_to_live.count())
                               + " ms"};
  return {};
}

} // namespace artel::wire
