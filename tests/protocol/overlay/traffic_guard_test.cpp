#include "protocol/overlay/traffic_guard.hpp"

#include <doctest/doctest.h>

using namespace artel;

namespace {

constexpr instant start{std::chrono::seconds{1'000}};

/// How many of `count` messages, spread evenly over a second, are admitted.
std::uint64_t admitted(traffic_guard& guard, instant from, std::uint64_t count,
                       std::uint64_t bytes = 1) {
  std::uint64_t passed = 0;
  for (std::uint64_t i = 0; i < count; ++i) {
    auto at = from + microseconds{i * 1'000'000 / count};
    passed += guard.take(bytes, at) == traffic_verdict::admit;
  }
  return passed;
}

} // namespace

TEST_CASE("without a bound everything is admitted, however much it is") {
  traffic_guard guard{{}, start};
  CHECK(admitted(guard, start, 100'000, 1'000'000) == 100'000);
}

TEST_CASE("two seconds' worth pass at once, then as many as the rate allows") {
  traffic_guard guard{{100, 0}, start};
  std::uint64_t burst = 0;
  while (guard.take(1, start) == traffic_verdict::admit)
    ++burst;
  CHECK(burst == 200);
  auto later = admitted(guard, start + std::chrono::seconds{1}, 500);
  CHECK(later >= 199);
  CHECK(later <= 201);
}

TEST_CASE("bytes are bounded apart from messages") {
  traffic_guard guard{{1'000, 10'000}, start};
  CHECK(admitted(guard, start, 100, 1'000) < 40);
  traffic_guard small{{1'000, 10'000}, start};
  CHECK(admitted(small, start, 100, 100) == 100);
}

TEST_CASE("ten times beyond for ten seconds in a row is a flood") {
  traffic_guard guard{{10, 0}, start};
  auto flooded_at = -1;
  for (int second = 0; second < 15 && flooded_at < 0; ++second)
    for (int i = 0; i < 200; ++i) {
      auto at = start + std::chrono::seconds{second} + milliseconds{i * 5};
      if (guard.take(1, at) == traffic_verdict::flood) {
        flooded_at = second;
        break;
      }
    }
  CHECK(flooded_at == 10);
}

TEST_CASE("a pause, or a little less than ten times, is no flood") {
  traffic_guard pausing{{10, 0}, start};
  traffic_guard busy{{10, 0}, start};
  for (int second = 0; second < 60; ++second)
    for (int i = 0; i < 200; ++i) {
      auto at = start + std::chrono::seconds{second} + milliseconds{i * 5};
      if (second % 9 != 0)
        CHECK(pausing.take(1, at) != traffic_verdict::flood);
      if (i % 2 == 0)
        CHECK(busy.take(1, at) != traffic_verdict::flood);
    }
}

TEST_CASE("the smaller of two bounds holds, and none is no bound") {
  CHECK(smaller_bound(0, 0) == 0);
  CHECK(smaller_bound(5, 0) == 5);
  CHECK(smaller_bound(0, 7) == 7);
  CHECK(smaller_bound(5, 7) == 5);
}
