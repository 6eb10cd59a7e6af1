#include "protocol/overlay/backoff.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>

using namespace artel;

TEST_CASE("the wait doubles with each failure, from 500 ms to a minute") {
  backoff_terms terms;
  constexpr std::int64_t expected[] = {0,    500,    1000,   2000,   4000,
                                       8000, 16'000, 32'000, 60'000, 60'000};
  for (std::uint32_t failures = 0; failures < 10; ++failures)
    CHECK(backoff_ceiling(terms, failures).count() == expected[failures]);
  CHECK(backoff_ceiling(terms, std::numeric_limits<std::uint32_t>::max())
        == terms.last);
}

TEST_CASE("odd terms never overflow or wait longer than allowed") {
  CHECK(backoff_ceiling({milliseconds::max(), milliseconds::max()}, 3)
        == milliseconds::max());
  CHECK(backoff_ceiling({milliseconds{900}, milliseconds{500}}, 1)
        == milliseconds{500});
  CHECK(backoff_ceiling({milliseconds{0}, milliseconds{500}}, 1000)
        == milliseconds{0});
  CHECK(backoff_ceiling({milliseconds{3}, milliseconds{11}}, 3)
        == milliseconds{11});
}

TEST_CASE("the wait is spread evenly from nothing to the ceiling") {
  auto random = random_generator::from_number(1);
  backoff_terms terms;
  for (std::uint32_t failures = 1; failures < 12; ++failures) {
    auto ceiling = microseconds{backoff_ceiling(terms, failures)};
    int quarter[4] = {};
    for (int i = 0; i < 2000; ++i) {
      auto delay = backoff_delay(terms, failures, random);
      REQUIRE(delay >= microseconds{0});
      REQUIRE(delay <= ceiling);
      ++quarter[std::min<std::int64_t>(delay * 4 / ceiling, 3)];
    }
    for (auto count : quarter)
      CHECK(count > 400);
  }
}

TEST_CASE("without a failure there is no wait, and no number drawn") {
  auto random = random_generator::from_number(1);
  auto untouched = random;
  CHECK(backoff_delay({}, 0, random) == microseconds{0});
  CHECK(random.next() == untouched.next());
}
