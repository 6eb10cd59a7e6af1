#include "protocol/wire/segment.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>
#include <vector>

using namespace artel;
using namespace artel::wire;

namespace {

constexpr traffic_class classes[] = {
  traffic_class::control, traffic_class::results, traffic_class::bulk};

/// A frame of so many bytes after its length.
bytes frame_of(std::size_t content, std::uint8_t fill) {
  bytes made(length_bytes + content, fill);
  for (std::size_t i = 0; i < length_bytes; ++i)
    made[i] =
      static_cast<std::uint8_t>(content >> (8 * (length_bytes - 1 - i)));
  return made;
}

void append_segment(bytes& stream, std::uint8_t number, std::size_t length,
                    bytes_view content) {
  stream.push_back(number);
  for (auto shift : {16, 8, 0})
    stream.push_back(static_cast<std::uint8_t>(length >> shift));
  stream.insert(stream.end(), content.begin(), content.end());
}

bytes segment(traffic_class priority, bytes_view content) {
  bytes stream;
  append_segment(stream, static_cast<std::uint8_t>(priority), content.size(),
                 content);
  return stream;
}

/// A reader whose link is past its greetings.
segment_reader opened() {
  segment_reader reader;
  std::vector<arrived_frame> frames;
  reader.note_sent();
  REQUIRE(reader.read(segment(traffic_class::control, frame_of(1, 0)), frames));
  return reader;
}

} // namespace

TEST_CASE("a segment's header is its class and three bytes of length") {
  std::array<std::uint8_t, segment_header_bytes> header{};
  put_segment_header(header, traffic_class::results, 0x3ffc);
  CHECK(header == std::array<std::uint8_t, 4>{2, 0x00, 0x3f, 0xfc});
}

TEST_CASE("frames of all classes arrive whole and in order, however the stream "
          "is cut") {
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    std::vector<bytes> sent[class_count];
    bytes queued[class_count];
    for (std::size_t i = 0; i < class_count; ++i)
      for (int n = 0; n < 20; ++n) {
        auto content = 1 + random.below(n % 5 == 0 ? 40'000 : 300);
        sent[i].push_back(frame_of(content, static_cast<std::uint8_t>(n)));
        queued[i].insert(queued[i].end(), sent[i].back().begin(),
                         sent[i].back().end());
      }
    bytes stream;
    std::size_t at[class_count] = {};
    for (;;) {
      auto i = random.below(class_count);
      if (at[i] == queued[i].size()) {
        i = 0;
        while (i < class_count && at[i] == queued[i].size())
          ++i;
        if (i == class_count)
          break;
      }
      auto count = std::min<std::size_t>(queued[i].size() - at[i],
                                         1 + random.below(segment_bytes_max));
      append_segment(stream, static_cast<std::uint8_t>(i + 1), count,
                     bytes_view{queued[i]}.subspan(at[i], count));
      at[i] += count;
    }

    segment_reader reader;
    std::vector<arrived_frame> frames;
    for (std::size_t from = 0; from < stream.size();) {
      auto count =
        std::min<std::size_t>(stream.size() - from, 1 + random.below(9'000));
      REQUIRE(reader.read(bytes_view{stream}.subspan(from, count), frames));
      from += count;
    }
    std::vector<bytes> arrived[class_count];
    for (auto& one : frames)
      arrived[index_of(one.priority)].push_back(std::move(one.frame));
    for (std::size_t i = 0; i < class_count; ++i)
      CHECK(arrived[i] == sent[i]);
    CHECK(reader.held_bytes() == 0);
  }
}

TEST_CASE("a small frame passes a large one that is on its way") {
  auto reader = opened();
  std::vector<arrived_frame> frames;
  auto large = frame_of(1'000'000, 7);
  REQUIRE(reader.read(
    segment(traffic_class::bulk, bytes_view{large}.first(10'000)), frames));
  REQUIRE(frames.empty());
  auto small = frame_of(10, 8);
  REQUIRE(reader.read(segment(traffic_class::control, small), frames));
  REQUIRE(frames.size() == 1);
  CHECK(frames[0].frame == small);
  CHECK(reader.unfinished_bytes(traffic_class::bulk) == 10'000);
}

TEST_CASE("a segment of an unknown class or a wrong length is refused before "
          "its content") {
  struct header {
    std::uint8_t number;
    std::size_t length;
  };
  for (auto [number, length] :
       {header{0, 10}, header{4, 10}, header{255, 10}, header{1, 0},
        header{2, segment_bytes_max + 1}, header{3, 0xffffff}}) {
    CAPTURE(int{number});
    CAPTURE(length);
    segment_reader reader;
    std::vector<arrived_frame> frames;
    bytes stream;
    append_segment(stream, number, length, {});
    auto taken = reader.read(stream, frames);
    REQUIRE(!taken);
    CHECK(taken.error().code == errc::malformed);
  }
}

TEST_CASE("a frame above the limit is refused as soon as its length is there") {
  auto reader = opened();
  std::vector<arrived_frame> frames;
  bytes length{0xff, 0xff, 0xff, 0xff};
  auto taken = reader.read(segment(traffic_class::bulk, length), frames);
  REQUIRE(!taken);
  CHECK(taken.error().code == errc::limit_exceeded);
}

TEST_CASE("the largest frame is taken, one byte more is not") {
  auto announce = [](std::size_t content) {
    auto reader = opened();
    std::vector<arrived_frame> frames;
    bytes length(length_bytes);
    for (std::size_t i = 0; i < length_bytes; ++i)
      length[i] =
        static_cast<std::uint8_t>(content >> (8 * (length_bytes - 1 - i)));
    return reader.read(segment(traffic_class::bulk, length), frames).ok();
  };
  CHECK(announce(frame_bytes_max - length_bytes));
  CHECK_FALSE(announce(frame_bytes_max - length_bytes + 1));
}

TEST_CASE("an empty frame is refused") {
  auto reader = opened();
  std::vector<arrived_frame> frames;
  auto taken =
    reader.read(segment(traffic_class::control, frame_of(0, 0)), frames);
  REQUIRE(!taken);
  CHECK(taken.error().code == errc::malformed);
}

TEST_CASE("no large frame is taken before both sides have sent one") {
  auto large = frame_of(opening_frame_bytes_max - length_bytes + 1, 1);
  auto small = frame_of(opening_frame_bytes_max - length_bytes, 1);
  auto feed = [](segment_reader& reader, const bytes& frame) {
    std::vector<arrived_frame> frames;
    for (std::size_t at = 0; at < frame.size();) {
      auto count = std::min(segment_bytes_max, frame.size() - at);
      if (!reader.read(
            segment(traffic_class::bulk, bytes_view{frame}.subspan(at, count)),
            frames))
        return false;
      at += count;
    }
    return frames.size() == 1;
  };
  SUBCASE("neither has") {
    segment_reader reader;
    CHECK_FALSE(feed(reader, large));
  }
  SUBCASE("only this side has") {
    segment_reader reader;
    reader.note_sent();
    CHECK_FALSE(feed(reader, large));
  }
  SUBCASE("only the other side has") {
    segment_reader reader;
    CHECK(feed(reader, small));
    CHECK_FALSE(feed(reader, large));
  }
  SUBCASE("both have") {
    segment_reader reader;
    CHECK(feed(reader, small));
    reader.note_sent();
    CHECK(feed(reader, large));
  }
}

TEST_CASE("memory is taken as bytes come, not as they are announced") {
  auto reader = opened();
  std::vector<arrived_frame> frames;
  auto start = frame_of(60u << 20, 1);
  start.resize(1'000);
  for (auto priority : classes)
    REQUIRE(reader.read(segment(priority, start), frames));
  CHECK(reader.held_bytes() <= class_count * (64u << 10));
  for (int n = 0; n < 100; ++n)
    REQUIRE(
      reader.read(segment(traffic_class::bulk, bytes(16'000, 1)), frames));
  CHECK(reader.held_bytes() <= 2 * 1'601'000 + 2 * (64u << 10));
}
