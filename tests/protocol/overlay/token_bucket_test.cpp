#include "protocol/overlay/token_bucket.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace artel;

namespace {

constexpr instant start{microseconds{5'000'000}};

} // namespace

TEST_CASE("a burst passes at once, then as much as flows in") {
  token_bucket bucket{{10, 20}, start};
  for (int i = 0; i < 20; ++i)
    CHECK(bucket.admits(1, start));
  CHECK_FALSE(bucket.admits(1, start));
  CHECK(bucket.wait_for(1, start) == microseconds{100'000});
  CHECK_FALSE(bucket.admits(1, start + microseconds{99'999}));
  CHECK(bucket.admits(1, start + microseconds{100'000}));
  CHECK_FALSE(bucket.admits(1, start + microseconds{100'000}));
  // An hour later there is no more than a burst.
  auto later = start + milliseconds{3'600'000};
  CHECK(bucket.is_full(later));
  CHECK(bucket.admits(20, later));
  CHECK_FALSE(bucket.admits(1, later));
}

TEST_CASE("what is larger than a burst passes a full bucket, and costs all") {
  token_bucket bucket{{10, 20}, start};
  CHECK(bucket.admits(1, start));
  CHECK_FALSE(bucket.admits(50, start));
  auto full = start + microseconds{100'000};
  CHECK(bucket.wait_for(50, start) == microseconds{100'000});
  CHECK(bucket.admits(50, full));
  // 30 in debt, and one to go.
  CHECK(bucket.wait_for(1, full) == microseconds{3'100'000});
  CHECK_FALSE(bucket.admits(1, full + microseconds{3'099'999}));
  CHECK(bucket.admits(1, full + microseconds{3'100'000}));
}

TEST_CASE("without a rate there is the burst, once") {
  token_bucket bucket{{0, 2}, start};
  CHECK(bucket.admits(2, start));
  auto later = start + milliseconds{1'000'000'000};
  CHECK_FALSE(bucket.admits(1, later));
  CHECK(bucket.wait_for(1, later) == microseconds::max());
}

TEST_CASE("time that goes back gives and takes nothing") {
  token_bucket bucket{{10, 10}, start};
  CHECK(bucket.admits(10, start));
  CHECK_FALSE(bucket.admits(1, start - milliseconds{10'000}));
  CHECK_FALSE(bucket.admits(1, start));
}

TEST_CASE("the largest numbers don't overflow") {
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  token_bucket bucket{{most, most}, start};
  CHECK(bucket.admits(most, start));
  CHECK(bucket.wait_for(most, start) == microseconds{1'000'000});
  CHECK(bucket.admits(most, instant::max()));
  token_bucket slow{{1, most}, start};
  CHECK(slow.admits(most, start));
  CHECK(slow.admits(1, instant::max()));
}

TEST_CASE("over any span no more passes than burst and rate allow") {
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    auto random = random_generator::from_number(seed);
    token_terms terms{1 + random.below(1000), 1 + random.below(1000)};
    token_bucket bucket{terms, start};
    auto now = start;
    std::uint64_t passed = 0;
    std::uint64_t largest = 0;
    for (int i = 0; i < 500; ++i) {
      now += microseconds{random.below(20'000)};
      auto cost = 1 + random.below(20);
      auto wait = bucket.wait_for(cost, now);
      auto admitted = bucket.admits(cost, now);
      CHECK(admitted == (wait == microseconds{0}));
      if (admitted) {
        passed += cost;
        largest = std::max(largest, cost);
      } else if (random.below(4) == 0) {
        // Exactly when it says, and not before.
        CHECK_FALSE(bucket.admits(cost, now + wait - microseconds{1}));
        now += wait;
        REQUIRE(bucket.admits(cost, now));
        passed += cost;
        largest = std::max(largest, cost);
      }
      auto elapsed = static_cast<std::uint64_t>((now - start).count());
      CHECK(passed <= terms.burst + largest + terms.rate * elapsed / 1'000'000);
    }
  }
}
