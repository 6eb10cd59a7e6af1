#include "protocol/wire/envelope.hpp"

#include "protocol/wire/envelope_appender.hpp"

#include <cassert>
#include <utility>

namespace artel::wire {

namespace {

/// An upper bound of an envelope's encoding: the contents whose size varies,
/// and 336 bytes for the names and values of the rest, rounded up.
std::size_t encoded_size_max(const envelope& item) noexcept {
  return 512 + item.network.size() + item.type.size() + item.payload.size();
}

void put_length(bytes& target, std::size_t position, std::size_t length) {
  for (std::size_t i = 0; i < length_bytes; ++i)
    target[position + i] =
      static_cast<std::uint8_t>(length >> (8 * (length_bytes - 1 - i)));
}

/// Reads the length at the front of data and takes it away; data is that long.
std::size_t take_length(bytes_view& data) noexcept {
  std::size_t length = 0;
  for (auto byte : data.first(length_bytes))
    length = length << 8 | byte;
  data = data.subspan(length_bytes);
  return length;
}

failure in_envelope(std::size_t index, const failure& problem) {
  return {problem.code,
          "frame[" + std::to_string(index) + "]: " + problem.message};
}

} // namespace

std::size_t count_for_frame(std::span<const envelope> items) {
  auto total = length_bytes;
  std::size_t count = 0;
  for (; count < items.size() && count < limits::envelopes_per_frame_max;
       ++count) {
    total += length_bytes + encoded_size_max(items[count]);
    if (count > 0 && total > frame_bytes_max)
      break;
  }
  return count;
}

bytes encode_frame(std::span<const envelope> items) {
  assert(items.size() <= limits::envelopes_per_frame_max);
  auto size_max = length_bytes;
  for (const auto& item : items)
    size_max += length_bytes + encoded_size_max(item);
  bytes frame;
  frame.reserve(size_max);
  frame.resize(length_bytes);
  for (const auto& item : items) {
    auto position = frame.size();
    frame.resize(position + length_bytes);
    append_encoded(frame, item);
    put_length(frame, position, frame.size() - position - length_bytes);
  }
  assert(frame.size() <= frame_bytes_max);
  put_length(frame, 0, frame.size() - length_bytes);
  return frame;
}

result<std::vector<envelope>> decode_frame(bytes_view data) {
  if (data.size() > frame_bytes_max)
    return {errc::limit_exceeded,
            "frame: " + std::to_string(data.size()) + " bytes; at most "
              + std::to_string(frame_bytes_max) + " are allowed"};
  if (data.size() < length_bytes)
    return {errc::malformed, "frame: truncated within its length"};
  auto length = take_length(data);
  if (length != data.size())
    return {errc::malformed, "frame: its length is " + std::to_string(length)
                               + ", but " + std::to_string(data.size())
                               + " bytes follow"};
  std::vector<envelope> items;
  while (!data.empty()) {
    if (items.size() == limits::envelopes_per_frame_max)
      return {errc::limit_exceeded,
              "frame: more than "
                + std::to_string(limits::envelopes_per_frame_max)
                + " envelopes"};
    if (data.size() < length_bytes)
      return in_envelope(items.size(),
                         {errc::malformed, "truncated within its length"});
    auto size = take_length(data);
    if (size > data.size())
      return in_envelope(
        items.size(),
        {errc::malformed, "its length is " + std::to_string(size) + ", but "
                            + std::to_string(data.size()) + " bytes are left"});
    auto item = decode<envelope>(data.first(size));
    if (!item)
      return in_envelope(items.size(), item.error());
    items.push_back(*std::move(item));
    data = data.subspan(size);
  }
  return items;
}

} // namespace artel::wire
