#include "runtime/net/link_queue.hpp"

#include <doctest/doctest.h>

#include <array>
#include <map>
#include <vector>

using namespace artel;
using namespace artel::runtime;
using wire::traffic_class;

namespace {

constexpr auto control = traffic_class::control;
constexpr auto results = traffic_class::results;
constexpr auto bulk = traffic_class::bulk;

/// A frame of so many bytes, its length included.
bytes frame_of(std::size_t size, std::uint8_t fill = 1) {
  bytes made(size, fill);
  auto content = size - wire::length_bytes;
  for (std::size_t i = 0; i < wire::length_bytes; ++i)
    made[i] =
      static_cast<std::uint8_t>(content >> (8 * (wire::length_bytes - 1 - i)));
  return made;
}

using record = std::array<std::uint8_t, 16'384>;

} // namespace

TEST_CASE("what is pushed is what a reader gets, by class and in order") {
  link_queue queue{8u << 20};
  std::map<traffic_class, std::vector<bytes>> pushed;
  for (auto priority : {bulk, results, control})
    for (std::size_t size : {5u, 100u, 16'380u, 16'381u, 60'000u, 9u}) {
      pushed[priority].push_back(
        frame_of(size, static_cast<std::uint8_t>(size)));
      REQUIRE(queue.push(priority, pushed[priority].back()));
    }
  wire::segment_reader reader;
  std::vector<wire::arrived_frame> arrived;
  record target;
  while (auto count = queue.take(target))
    REQUIRE(reader.read(bytes_view{target}.first(count), arrived));
  std::map<traffic_class, std::vector<bytes>> got;
  for (auto& one : arrived)
    got[one.priority].push_back(std::move(one.frame));
  CHECK(got == pushed);
  CHECK(queue.empty());
  CHECK(queue.queued_bytes() == 0);
}

TEST_CASE("control goes first, and starves nobody") {
  link_queue queue{800u << 20};
  for (auto priority : {bulk, results, control})
    for (int n = 0; n < 40; ++n)
      REQUIRE(queue.push(priority, frame_of(160'000)));
  std::map<std::uint8_t, int> segments;
  record target;
  for (int n = 0; n < 210; ++n) {
    REQUIRE(queue.take(target) == target.size());
    if (n == 0)
      CHECK(target[0] == 1);
    ++segments[target[0]];
  }
  CHECK(segments == std::map<std::uint8_t, int>{{1, 160}, {2, 40}, {3, 10}});
}

TEST_CASE("a frame that is urgent overtakes one that has begun") {
  link_queue queue{8u << 20};
  record target;
  REQUIRE(queue.push(bulk, frame_of(3u << 20)));
  REQUIRE(queue.take(target) == target.size());
  REQUIRE(queue.push(control, frame_of(100)));
  REQUIRE(queue.take(target) == target.size());
  CHECK(target[0] == 1);
  CHECK(target[3] == 100);
  // The rest of the record is not wasted.
  CHECK(target[wire::segment_header_bytes + 100] == 3);
}

TEST_CASE("a class that is full refuses whole frames, the others go on") {
  link_queue queue{8u << 20};
  std::size_t taken = 0;
  while (queue.push(bulk, frame_of(64u << 10)))
    ++taken;
  CHECK(taken == 63);
  CHECK(queue.queued_bytes() <= 4u << 20);
  CHECK(queue.push(results, frame_of(64u << 10)));
  CHECK(queue.push(control, frame_of(64u << 10)));
}

TEST_CASE("a frame larger than its class's share goes where nothing waits") {
  link_queue queue{1u << 20};
  CHECK(queue.push(bulk, frame_of(5u << 20)));
  CHECK_FALSE(queue.push(bulk, frame_of(5)));
}

TEST_CASE("congestion is told when it begins and when it ends, once each") {
  link_queue queue{8u << 20};
  record target;
  CHECK_FALSE(queue.congestion_change(bulk));
  for (int n = 0; n < 40; ++n)
    REQUIRE(queue.push(bulk, frame_of(64u << 10)));
  CHECK(queue.congestion_change(bulk) == true);
  CHECK_FALSE(queue.congestion_change(bulk));
  CHECK_FALSE(queue.congestion_change(results));
  while (queue.queued_bytes() > (1u << 20))
    queue.take(target);
  // Still above an eighth of its share.
  CHECK_FALSE(queue.congestion_change(bulk));
  while (queue.take(target) > 0) {
  }
  CHECK(queue.congestion_change(bulk) == false);
}
