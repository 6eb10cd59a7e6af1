#include "runtime/sim/swarm/recovery.hpp"

#include "actors/defaults.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace artel;
using namespace artel::sim;

namespace {

recovery_times over_seeds(const recovery_point& point, crash_kind kind) {
  recovery_times all;
  for (std::uint64_t seed = 1; seed <= 8; ++seed)
    all.add(measure_recovery(seed, point, kind));
  std::sort(all.times.begin(), all.times.end());
  return all;
}

} // namespace

TEST_CASE("the jobs of a worker without power run elsewhere after its lease") {
  recovery_point point;
  point.loss = ppm{0};
  auto all = over_seeds(point, crash_kind::power);
  CHECK(all.unstarted == 0);
  CHECK(all.unrecovered == 0);
  // Two a world.
  REQUIRE(all.times.size() == 16);
  // Its last heartbeat was sent up to an interval before its end.
  CHECK(all.times.front()
        > microseconds{defaults::lease - defaults::heartbeat_interval});
  CHECK(all.times.back() < recovery_p99_max);
}

TEST_CASE("the jobs of a worker whose process ended don't wait for its lease") {
  recovery_point point;
  point.loss = ppm{0};
  auto all = over_seeds(point, crash_kind::process);
  REQUIRE(all.times.size() == 16);
  CHECK(all.times.back() < microseconds{defaults::lease} / 2);
}

TEST_CASE("a worker that is heard of is not taken for dead, and one is where"
          " hardly anything arrives") {
  recovery_point good;
  auto calm = measure_false_alarms(1, good, 4, microseconds{600'000'000});
  CHECK(calm.alarms == 0);
  CHECK(calm.link_time == microseconds{2'400'000'000});

  recovery_point bad;
  bad.loss = ppm{500'000};
  auto alarmed = measure_false_alarms(1, bad, 4, microseconds{600'000'000});
  CHECK(alarmed.alarms > 0);
}

TEST_CASE("a percentile is a time that was measured") {
  std::vector<microseconds> times;
  for (int i = 1; i <= 200; ++i)
    times.emplace_back(i);
  CHECK(percentile(times, 500) == microseconds{100});
  CHECK(percentile(times, 990) == microseconds{198});
  CHECK(percentile(times, 1'000) == microseconds{200});
  CHECK(percentile({microseconds{7}}, 0) == microseconds{7});
}
