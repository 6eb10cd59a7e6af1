#include "runtime/net/link_queue.hpp"

#include <algorithm>
#include <utility>

namespace artel::runtime {

namespace {

/// Of 21 segments, where all classes have enough.
constexpr std::array<unsigned, wire::class_count> turns_a_round{16, 4, 1};
constexpr std::array<std::size_t, wire::class_count> eighths{1, 3, 4};
/// A segment that begins close to the end of a record is put off.
constexpr std::size_t room_min = 256;

} // namespace

link_queue::link_queue(std::size_t queue_bytes) {
  for (std::size_t i = 0; i < lanes_.size(); ++i)
    lanes_[i].bytes_max = queue_bytes / 8 * eighths[i];
}

bool link_queue::push(wire::traffic_class priority, bytes frame) {
  auto& target = lanes_[wire::index_of(priority)];
  auto cost = frame.size() + frame_overhead_bytes;
  if (!target.frames.empty() && target.bytes_queued + cost > target.bytes_max)
    return false;
  target.bytes_queued += cost;
  queued_bytes_ += cost;
  target.frames.push_back(std::move(frame));
  return true;
}

std::size_t link_queue::take(std::span<std::uint8_t> target) {
  std::size_t written = 0;
  while (target.size() - written > wire::segment_header_bytes) {
    if (written > 0 && target.size() - written < room_min)
      break;
    std::size_t index = 0;
    auto from = next_lane(index);
    if (!from)
      break;
    auto rest = target.subspan(written);
    auto count = take_from(*from, rest.subspan(wire::segment_header_bytes));
    wire::put_segment_header(rest.first<wire::segment_header_bytes>(),
                             static_cast<wire::traffic_class>(index + 1),
                             count);
    written += wire::segment_header_bytes + count;
  }
  return written;
}

link_queue::lane* link_queue::next_lane(std::size_t& index) noexcept {
  // The second time with new turns.
  for (auto round = 0; round < 2; ++round) {
    for (std::size_t i = 0; i < lanes_.size(); ++i) {
      if (lanes_[i].frames.empty() || lanes_[i].turns == 0)
        continue;
      --lanes_[i].turns;
      index = i;
      return &lanes_[i];
    }
    for (std::size_t i = 0; i < lanes_.size(); ++i)
      lanes_[i].turns = turns_a_round[i];
  }
  return nullptr;
}

std::size_t link_queue::take_from(lane& from, std::span<std::uint8_t> target) {
  auto room = std::min(target.size(), wire::segment_bytes_max);
  std::size_t written = 0;
  while (written < room && !from.frames.empty()) {
    const auto& frame = from.frames.front();
    auto count = std::min(room - written, frame.size() - from.offset);
    std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(from.offset), count,
                target.begin() + static_cast<std::ptrdiff_t>(written));
    written += count;
    from.offset += count;
    if (from.offset < frame.size())
      break;
    auto cost = frame.size() + frame_overhead_bytes;
    from.bytes_queued -= cost;
    queued_bytes_ -= cost;
    from.offset = 0;
    from.frames.pop_front();
  }
  return written;
}

std::optional<bool>
link_queue::congestion_change(wire::traffic_class priority) {
  auto& target = lanes_[wire::index_of(priority)];
  auto congested = target.congested
                     ? target.bytes_queued > target.bytes_max / 8
                     : target.bytes_queued > target.bytes_max / 2;
  if (congested == target.congested)
    return std::nullopt;
  target.congested = congested;
  return congested;
}

} // namespace artel::runtime
