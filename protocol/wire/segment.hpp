// How frames share one byte stream, so that a large one never holds up a small
// one that is more urgent. Pure; the stream is TLS's (runtime/net), and these
// are all of its payload bytes.
//
// The stream is a sequence of segments:
//
//   offset 0   1 byte   class: 1 control, 2 results, 3 bulk
//   offset 1   3 bytes  length of what follows, big-endian: 1 to 16,380
//   offset 4   so many bytes
//
// Per class, the segments' contents, put end to end, are frames put end to end:
// a length of four bytes, big-endian, then so many bytes (envelope.hpp). A
// segment may begin and end anywhere in a frame, and hold several. Classes
// don't wait for each other: between two segments of a frame there may be any
// number of other classes'.
//
// Until a side has both sent and received one whole frame it takes none above
// opening_frame_bytes_max, its length included: greetings are small, and who
// has not been greeted gets no memory. Then the limit is frame_bytes_max.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/result.hpp"
#include "protocol/wire/envelope.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace artel::wire {

inline constexpr std::size_t segment_header_bytes = 4;
/// With its header, just what one TLS record holds.
inline constexpr std::size_t segment_bytes_max = 16'380;
inline constexpr std::size_t opening_frame_bytes_max = 64u << 10;
inline constexpr std::size_t class_count = 3;

/// 0 for control, 1 for results, 2 for bulk.
constexpr std::size_t index_of(traffic_class priority) noexcept {
  return static_cast<std::size_t>(priority) - 1;
}

/// Writes a header; the length is from 1 to segment_bytes_max.
void put_segment_header(std::span<std::uint8_t, segment_header_bytes> target,
                        traffic_class priority, std::size_t length) noexcept;

/// A whole frame, its length included, as decode_frame() takes it.
struct arrived_frame {
  traffic_class priority = traffic_class::control;
  bytes frame;
};

/// Takes the stream apart. Holds one unfinished frame a class at most, and
/// memory only for bytes that came: at most twice as many.
class segment_reader {
public:
  /// Appends the frames that `data` completes, in the order of their ends.
  /// Errors, after which the stream can't be read on: malformed (a class, a
  /// segment's length, an empty frame); limit_exceeded (a frame's length, as
  /// soon as it is known).
  result<void> read(bytes_view data, std::vector<arrived_frame>& frames);

  /// This side has sent a frame; see above.
  void note_sent() noexcept { sent_ = true; }

  /// Memory that unfinished frames take.
  std::size_t held_bytes() const noexcept;
  /// Of a class's unfinished frame: how many bytes have come; 0: there is none.
  std::size_t unfinished_bytes(traffic_class priority) const noexcept;

private:
  struct lane {
    bytes frame;
    /// With its length; 0 until that is known.
    std::size_t frame_bytes = 0;
  };

  result<void> take_header();
  result<void> take_content(bytes_view data,
                            std::vector<arrived_frame>& frames);
  result<void> take_length(lane& target) const;

  std::array<std::uint8_t, segment_header_bytes> header_{};
  std::size_t header_bytes_ = 0;
  /// What is left of the present segment.
  std::size_t left_ = 0;
  traffic_class priority_ = traffic_class::control;
  std::array<lane, class_count> lanes_;
  bool sent_ = false;
  bool received_ = false;
};

} // namespace artel::wire
