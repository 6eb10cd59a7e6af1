#include "runtime/net/link_queue.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <deque>
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

// -- whatever happens ---------------------------------------------------------

namespace {

constexpr std::array<traffic_class, 3> classes{control, results, bulk};

/// A queue and its reader at the other end, beside a plain account of both.
struct random_traffic {
  static constexpr std::size_t queue_bytes = 256u << 10;

  explicit random_traffic(std::uint64_t seed)
    : random(random_generator::from_number(seed)) {}

  std::size_t share(traffic_class priority) const {
    constexpr std::array<std::size_t, 3> eighths{1, 3, 4};
    return queue_bytes / 8 * eighths[wire::index_of(priority)];
  }

  std::size_t cost(traffic_class priority) {
    std::size_t sum = 0;
    for (const auto& one : waiting[priority])
      sum += one.size() + link_queue::frame_overhead_bytes;
    return sum;
  }

  void push() {
    auto priority = classes[random.below(3)];
    auto size = random.below(8) == 0 ? random.below(80'000) : random.below(900);
    auto frame = frame_of(5 + size, static_cast<std::uint8_t>(++number));
    auto has_room =
      waiting[priority].empty()
      || cost(priority) + frame.size() + link_queue::frame_overhead_bytes
           <= share(priority);
    CHECK(queue.push(priority, frame) == has_room);
    if (has_room)
      waiting[priority].push_back(std::move(frame));
  }

  void take() {
    bytes target(5 + random.below(random.below(2) == 0 ? 300 : 40'000));
    auto written = queue.take(target);
    REQUIRE(written <= target.size());
    CHECK((written > 0)
          == std::any_of(classes.begin(), classes.end(),
                         [this](auto one) { return !waiting[one].empty(); }));
    note_turns(bytes_view{target}.first(written));
    std::vector<wire::arrived_frame> arrived;
    REQUIRE(reader.read(bytes_view{target}.first(written), arrived));
    for (auto& one : arrived) {
      REQUIRE_FALSE(waiting[one.priority].empty());
      CHECK((one.frame == waiting[one.priority].front()));
      waiting[one.priority].pop_front();
    }
  }

  /// No class that waits is passed over for ever: two rounds at most.
  void note_turns(bytes_view data) {
    constexpr std::size_t two_rounds = 2 * 21;
    for (std::size_t at = 0; at < data.size();) {
      auto length = std::size_t{data[at + 1]} << 16
                    | std::size_t{data[at + 2]} << 8 | data[at + 3];
      for (auto one : classes) {
        auto is_turn = data[at] == static_cast<std::uint8_t>(one);
        passed_over[one] =
          is_turn || waiting[one].empty() ? 0 : passed_over[one] + 1;
        CHECK(passed_over[one] <= two_rounds);
      }
      at += wire::segment_header_bytes + length;
    }
  }

  void check() {
    std::size_t all = 0;
    for (auto one : classes) {
      all += cost(one);
      auto limit = congested[one] ? share(one) / 8 : share(one) / 2;
      auto change = queue.congestion_change(one);
      CHECK(change.has_value() == (congested[one] != (cost(one) > limit)));
      congested[one] = change.value_or(congested[one]);
    }
    CHECK(queue.queued_bytes() == all);
    CHECK(queue.empty() == (all == 0));
  }

  random_generator random;
  link_queue queue{queue_bytes};
  wire::segment_reader reader;
  std::size_t number = 0;
  std::map<traffic_class, std::deque<bytes>> waiting;
  std::map<traffic_class, bool> congested;
  std::map<traffic_class, std::size_t> passed_over;
};

} // namespace

TEST_CASE("random traffic comes out whole, in order, bounded and fairly") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    random_traffic one{seed};
    // As after the greetings: frames of any size.
    one.reader.note_sent();
    REQUIRE(one.queue.push(control, frame_of(5)));
    one.waiting[control].push_back(frame_of(5));
    for (int step = 0; step < 1'500; ++step) {
      // Now more comes than goes, now less.
      if (one.random.below(100) < (step / 300 % 2 == 0 ? 70u : 30u))
        one.push();
      else
        one.take();
      one.check();
    }
    while (!one.queue.empty())
      one.take();
    one.check();
  }
}
