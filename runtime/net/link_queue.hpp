// Frames that wait to go out on one link, by class. Bounded; what is urgent
// goes first, and nothing waits for ever. Pure.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/wire/envelope.hpp"
#include "protocol/wire/segment.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <span>

namespace artel::runtime {

class link_queue {
public:
  /// Added to each frame's size: what it costs beside its bytes.
  static constexpr std::size_t frame_overhead_bytes = 64;

  /// An eighth of the bytes for control, three for results, four for bulk.
  explicit link_queue(std::size_t queue_bytes);

  /// Takes a frame, or gives false where its class has no room. A class with
  /// nothing waiting takes a frame of any size.
  bool push(wire::traffic_class priority, bytes frame);

  /// Fills the target with segments, in which for 16 of control there go at
  /// least 4 of results and 1 of bulk, where they wait. How many bytes were
  /// written; 0: nothing waits.
  std::size_t take(std::span<std::uint8_t> target);

  /// Whether a class became congested (half full) or stopped to be (an eighth);
  /// nothing where it is as it was when this was asked last.
  std::optional<bool> congestion_change(wire::traffic_class priority);

  bool empty() const noexcept { return queued_bytes_ == 0; }
  /// What the waiting frames take, those in part gone included.
  std::size_t queued_bytes() const noexcept { return queued_bytes_; }

private:
  struct lane {
    std::deque<bytes> frames;
    /// How much of the first one is gone.
    std::size_t offset = 0;
    std::size_t bytes_queued = 0;
    std::size_t bytes_max = 0;
    /// Segments it may send before the others had their turns.
    unsigned turns = 0;
    bool congested = false;
  };

  lane* next_lane(std::size_t& index) noexcept;
  std::size_t take_from(lane& from, std::span<std::uint8_t> target);

  std::array<lane, wire::class_count> lanes_;
  std::size_t queued_bytes_ = 0;
};

} // namespace artel::runtime
