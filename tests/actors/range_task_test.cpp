#include "tests/actors/world.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace artel;
using namespace artel::testing;

namespace {

void check_conserved(world& net) {
  auto totals = net.totals();
  CHECK(totals.in_circulation.micro + totals.burned.micro
        == totals.granted.micro);
}

} // namespace

TEST_CASE("a range task gives the exact sum over all of its jobs") {
  world net{1};
  net.add_client();
  net.add_workers(5);
  net.connect();
  net.before_step=[&](caf::scheduled_actor& a){ fprintf(stderr,"%ld %s %lu\n", (long)net.elapsed().count(), a.name(), (unsigned long)a.id()); };
  auto report = net.run(primes_task(1'000, 20));
  CHECK(report.state == task_state::completed);
  CHECK(as_text(report.result) == "168");
  CHECK(report.jobs.total == 20);
  CHECK(report.jobs.completed == 20);
  check_conserved(net);
}
