#include "protocol/wire/segment.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace artel::wire {

namespace {

/// Room at first for a frame whose length is known: more only as it comes.
constexpr std::size_t first_room_bytes = 16u << 10;

std::size_t read_length(bytes_view data) noexcept {
  std::size_t length = 0;
  for (auto byte : data)
    length = length << 8 | byte;
  return length;
}

} // namespace

void put_segment_header(std::span<std::uint8_t, segment_header_bytes> target,
                        traffic_class priority, std::size_t length) noexcept {
  assert(length > 0 && length <= segment_bytes_max);
  target[0] = static_cast<std::uint8_t>(priority);
  target[1] = static_cast<std::uint8_t>(length >> 16);
  target[2] = static_cast<std::uint8_t>(length >> 8);
  target[3] = static_cast<std::uint8_t>(length);
}

result<void> segment_reader::read(bytes_view data,
                                  std::vector<arrived_frame>& frames) {
  while (!data.empty()) {
    if (left_ == 0) {
      auto count = std::min(data.size(), segment_header_bytes - header_bytes_);
      std::copy_n(data.begin(), count, header_.begin() + header_bytes_);
      header_bytes_ += count;
      data = data.subspan(count);
      if (header_bytes_ < segment_header_bytes)
        return {};
      header_bytes_ = 0;
      if (auto taken = take_header(); !taken)
        return taken;
      continue;
    }
    auto count = std::min(data.size(), left_);
    if (auto taken = take_content(data.first(count), frames); !taken)
      return taken;
    left_ -= count;
    data = data.subspan(count);
  }
  return {};
}

result<void> segment_reader::take_header() {
  auto number = header_[0];
  if (number < 1 || number > class_count)
    return {errc::malformed, "segment: class " + std::to_string(number)
                               + "; expected 1, 2 or 3"};
  auto length = read_length(bytes_view{header_}.subspan(1));
  if (length == 0 || length > segment_bytes_max)
    return {errc::malformed, "segment: a length of " + std::to_string(length)
                               + "; expected 1 to "
                               + std::to_string(segment_bytes_max)};
  priority_ = static_cast<traffic_class>(number);
  left_ = length;
  return {};
}

result<void> segment_reader::take_content(bytes_view data,
                                          std::vector<arrived_frame>& frames) {
  auto& target = lanes_[index_of(priority_)];
  while (!data.empty()) {
    auto wanted = target.frame_bytes == 0 ? length_bytes : target.frame_bytes;
    auto count = std::min(data.size(), wanted - target.frame.size());
    // As it comes: who announces much and sends little takes little.
    auto needed = target.frame.size() + count;
    if (needed > target.frame.capacity())
      target.frame.reserve(std::min(
        wanted,
        std::max({needed, 2 * target.frame.capacity(), first_room_bytes})));
    target.frame.insert(target.frame.end(), data.begin(),
                        data.begin() + static_cast<std::ptrdiff_t>(count));
    data = data.subspan(count);
    if (target.frame.size() < wanted)
      return {};
    if (target.frame_bytes == 0) {
      if (auto taken = take_length(target); !taken)
        return taken;
      continue;
    }
    frames.push_back({priority_, std::move(target.frame)});
    target = {};
    received_ = true;
  }
  return {};
}

result<void> segment_reader::take_length(lane& target) const {
  auto length = read_length(target.frame);
  auto max = sent_ && received_ ? frame_bytes_max : opening_frame_bytes_max;
  if (length > max - length_bytes)
    return {errc::limit_exceeded,
            "frame: a length of " + std::to_string(length) + "; at most "
              + std::to_string(max - length_bytes) + " is allowed"
              + (sent_ && received_ ? "" : " before both sides have greeted")};
  if (length == 0)
    return {errc::malformed, "frame: it is empty"};
  target.frame_bytes = length + length_bytes;
  return {};
}

std::size_t segment_reader::held_bytes() const noexcept {
  std::size_t total = 0;
  for (const auto& one : lanes_)
    total += one.frame.capacity();
  return total;
}

std::size_t
segment_reader::unfinished_bytes(traffic_class priority) const noexcept {
  return lanes_[index_of(priority)].frame.size();
}

} // namespace artel::wire
