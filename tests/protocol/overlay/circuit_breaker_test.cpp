#include "protocol/overlay/circuit_breaker.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

using namespace artel;
using enum breaker_state;

namespace {

constexpr instant start{microseconds{1'000'000}};
constexpr milliseconds tick{1};

void fail_times(circuit_breaker& breaker, int times, instant now) {
  for (int i = 0; i < times; ++i) {
    breaker.on_attempt();
    breaker.on_failure(now);
  }
}

} // namespace

TEST_CASE("five failures in a row open it, fewer don't") {
  circuit_breaker breaker;
  fail_times(breaker, 4, start);
  CHECK(breaker.state(start) == closed);
  breaker.on_attempt();
  breaker.on_success();
  fail_times(breaker, 4, start);
  CHECK(breaker.admits(start));
  fail_times(breaker, 1, start);
  CHECK(breaker.state(start) == open);
  CHECK_FALSE(breaker.admits(start));
}

TEST_CASE("after the cooldown one attempt decides") {
  circuit_breaker breaker;
  fail_times(breaker, 5, start);
  auto later = start + milliseconds{30'000};
  CHECK(breaker.state(later - tick) == open);
  CHECK(breaker.state(later) == half_open);
  REQUIRE(breaker.admits(later));
  breaker.on_attempt();
  CHECK_FALSE(breaker.admits(later));
  breaker.on_success();
  CHECK(breaker.state(later) == closed);
  fail_times(breaker, 4, later);
  CHECK(breaker.state(later) == closed);
}

TEST_CASE("an attempt that was given up lets the next one try") {
  circuit_breaker breaker;
  fail_times(breaker, 5, start);
  auto later = start + milliseconds{30'000};
  breaker.on_attempt();
  REQUIRE_FALSE(breaker.admits(later));
  breaker.on_abandoned();
  CHECK(breaker.admits(later));
  CHECK(breaker.state(later) == half_open);
}

TEST_CASE("the cooldown doubles with each failure, up to ten minutes") {
  circuit_breaker breaker;
  fail_times(breaker, 5, start);
  auto now = start;
  for (auto seconds : {30, 60, 120, 240, 480, 600, 600}) {
    auto cooldown = milliseconds{seconds * 1000};
    CHECK(breaker.state(now + cooldown - tick) == open);
    CHECK(breaker.state(now + cooldown) == half_open);
    now += cooldown;
    fail_times(breaker, 1, now);
  }
}

TEST_CASE("failures of attempts from before it opened don't prolong it") {
  circuit_breaker breaker;
  for (int i = 0; i < 8; ++i)
    breaker.on_attempt();
  for (int i = 0; i < 8; ++i)
    breaker.on_failure(start + i * milliseconds{1000});
  // The fifth opened it.
  CHECK(breaker.state(start + milliseconds{4'000 + 30'000}) == half_open);
}

TEST_CASE("whatever happens, an open one closes by a success alone") {
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    auto random = random_generator::from_number(seed);
    circuit_breaker breaker;
    auto now = start;
    int attempts = 0;
    std::uint32_t in_row = 0;
    for (int step = 0; step < 300; ++step) {
      now += milliseconds{random.below(40'000)};
      auto was = breaker.state(now);
      switch (random.below(4)) {
        case 0:
          if (breaker.admits(now)) {
            breaker.on_attempt();
            ++attempts;
          }
          break;
        case 1:
          breaker.on_success();
          in_row = 0;
          CHECK(breaker.state(now) == closed);
          attempts = attempts > 0 ? attempts - 1 : 0;
          break;
        case 2:
          breaker.on_failure(now);
          ++in_row;
          CHECK((breaker.state(now) == closed) == (in_row < 5));
          CHECK(breaker.state(now + milliseconds{600'000}) != open);
          attempts = attempts > 0 ? attempts - 1 : 0;
          break;
        default:
          breaker.on_abandoned();
          CHECK(breaker.state(now) == was);
          attempts = attempts > 0 ? attempts - 1 : 0;
      }
      CHECK(breaker.failures() == in_row);
      if (breaker.state(now) == half_open)
        CHECK(breaker.admits(now) == (attempts == 0));
      breaker.check_invariants();
    }
  }
}
