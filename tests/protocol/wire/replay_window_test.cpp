#include "protocol/core/random.hpp"
#include "protocol/wire/envelope.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <set>

using namespace artel;
using namespace artel::wire;

namespace {

constexpr auto largest = std::numeric_limits<std::uint64_t>::max();

/// The window's rule, written down with all that was ever seen.
struct model {
  std::set<std::uint64_t> seen;
  std::uint64_t highest = 0;

  bool admit(std::uint64_t sequence) {
    if (sequence == 0)
      return false;
    if (highest >= replay_window::size
        && sequence <= highest - replay_window::size)
      return false;
    highest = std::max(highest, sequence);
    return seen.insert(sequence).second;
  }
};

} // namespace

TEST_CASE("each sequence is admitted once") {
  replay_window window;
  for (std::uint64_t sequence : {1, 2, 5, 3, 4})
    CHECK(window.admit(traffic_class::control, sequence).ok());
  for (std::uint64_t sequence : {1, 2, 3, 4, 5}) {
    auto again = window.admit(traffic_class::control, sequence);
    REQUIRE_FALSE(again.ok());
    CHECK(again.error().code == errc::replayed);
  }
}

TEST_CASE("classes of traffic count apart") {
  replay_window window;
  CHECK(window.admit(traffic_class::control, 7).ok());
  CHECK(window.admit(traffic_class::results, 7).ok());
  CHECK(window.admit(traffic_class::bulk, 7).ok());
  CHECK_FALSE(window.admit(traffic_class::results, 7).ok());
}

TEST_CASE("the window ends 1,024 behind the highest sequence") {
  replay_window window;
  REQUIRE(window.admit(traffic_class::bulk, 5000).ok());
  CHECK(window.admit(traffic_class::bulk, 5000 - 1023).ok());
  auto behind = window.admit(traffic_class::bulk, 5000 - 1024);
  REQUIRE_FALSE(behind.ok());
  CHECK(behind.error()
        == failure{errc::replayed,
                   "sequence 3976 lies behind the window that ends at 5000"});
}

TEST_CASE("sequence 0 and unknown classes are malformed") {
  replay_window window;
  for (const auto& refused : {window.admit(traffic_class::control, 0),
                              window.admit(static_cast<traffic_class>(0), 1),
                              window.admit(static_cast<traffic_class>(4), 1)}) {
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::malformed);
  }
}

TEST_CASE("the window agrees with a set of all that was seen") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    replay_window window;
    model expected;
    // Some start where the numbers end.
    std::uint64_t next = seed % 4 == 0 ? largest - 20'000 : 1;
    for (int step = 0; step < 5000; ++step) {
      auto kind = random.below(100);
      if (kind < 60)
        next += 1;
      else if (kind < 62)
        next += random.below(3000);
      auto sequence = kind < 70 ? next : next - random.below(1100);
      if (seed % 4 != 0 && sequence > next)
        sequence = 0;
      REQUIRE(window.admit(traffic_class::control, sequence).ok()
              == expected.admit(sequence));
    }
  }
}

TEST_CASE("counting up to the largest sequence comes to an end") {
  replay_window window;
  for (std::uint64_t left = 3; left <= 3; --left)
    CHECK(window.admit(traffic_class::control, largest - left).ok());
  CHECK_FALSE(window.admit(traffic_class::control, largest).ok());
}

TEST_CASE("the largest sequence is admitted, and what is right behind it") {
  replay_window window;
  CHECK(window.admit(traffic_class::control, 1).ok());
  CHECK(window.admit(traffic_class::control, largest).ok());
  CHECK(window.admit(traffic_class::control, largest - 1).ok());
  CHECK_FALSE(window.admit(traffic_class::control, largest).ok());
  CHECK_FALSE(window.admit(traffic_class::control, 2).ok());
}
