#include "protocol/task/retry_planner.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <limits>
#include <set>
#include <utility>

using namespace artel;

namespace {

/// The documented bound, in 128 bits.
std::int64_t bound_of(const retry_policy& policy, std::uint32_t failures) {
  __extension__ __int128 bound = policy.base.count();
  bound <<= failures > 64 ? 63 : failures - 1;
  return static_cast<std::int64_t>(
    std::min<decltype(bound)>(bound, policy.cap.count()));
}

} // namespace

TEST_CASE("No failure means no delay, and draws nothing") {
  auto random = random_generator::from_number(1);
  auto untouched = random_generator::from_number(1);
  CHECK(retry_delay({}, 0, random) == milliseconds{0});
  CHECK(random.next() == untouched.next());
}

TEST_CASE("A retry delay takes every value from zero to its bound") {
  auto random = random_generator::from_number(2);
  retry_policy policy{milliseconds{3}, milliseconds{10}};
  for (auto [failures, bound] : {std::pair{1u, 3}, {2u, 6}, {3u, 10}}) {
    std::set<std::int64_t> seen;
    for (int i = 0; i < 1000; ++i)
      seen.insert(retry_delay(policy, failures, random).count());
    CHECK(*seen.begin() == 0);
    CHECK(*seen.rbegin() == bound);
    CHECK(seen.size() == static_cast<std::size_t>(bound) + 1);
  }
}

TEST_CASE("Retry delays stay within bounds for any policy and failure count") {
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    auto draw = [&] {
      return milliseconds{
        static_cast<std::int64_t>(random.next() >> (1 + random.below(63)))};
    };
    for (int i = 0; i < 200; ++i) {
      retry_policy policy{draw(), draw()};
      auto failures =
        static_cast<std::uint32_t>(random.next() >> (32 + random.below(32)));
      auto delay = retry_delay(policy, failures, random);
      REQUIRE(delay >= milliseconds{0});
      REQUIRE(delay.count()
              <= (failures == 0 ? 0 : bound_of(policy, failures)));
    }
  }
}

TEST_CASE("Extreme policies neither wrap around nor loop for long") {
  constexpr auto most = std::numeric_limits<std::int64_t>::max();
  auto random = random_generator::from_number(3);
  CHECK(retry_delay({milliseconds{0}, milliseconds{most}}, UINT32_MAX, random)
        == milliseconds{0});
  CHECK(retry_delay({milliseconds{5}, milliseconds{0}}, 7, random)
        == milliseconds{0});
  for (int i = 0; i < 100; ++i)
    REQUIRE(
      retry_delay({milliseconds{1}, milliseconds{most}}, UINT32_MAX, random)
      >= milliseconds{0});
}

TEST_CASE("Retry delays are spread evenly: their mean is half the bound") {
  auto random = random_generator::from_number(4);
  for (std::uint32_t failures = 1; failures <= 9; ++failures) {
    CAPTURE(failures);
    auto bound = bound_of({}, failures);
    constexpr int draws = 20'000;
    std::int64_t sum = 0;
    int in_upper_quarter = 0;
    for (int i = 0; i < draws; ++i) {
      auto delay = retry_delay({}, failures, random).count();
      sum += delay;
      in_upper_quarter += delay * 4 > bound * 3;
    }
    // Six standard errors: bound / sqrt(12 x draws) is 0.2 % of the bound.
    CHECK(std::abs(sum / draws - bound / 2) <= bound / 80 + 1);
    CHECK(std::abs(in_upper_quarter - draws / 4) < draws / 40);
  }
}
