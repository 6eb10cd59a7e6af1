#include "runtime/sim/world.hpp"

#include "tests/runtime/sim/worlds.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <set>
#include <string>
#include <vector>

using namespace artel;
using namespace artel::sim;
using namespace artel::sim::testing;
using namespace std::chrono_literals;

namespace {

std::string violations_of(const world& where) {
  std::string all;
  for (const auto& one : where.violations())
    all += to_string(one) + "\n";
  return all;
}

/// Runs a task to its end and gives its report.
task_report run(world& where, runtime::submission task,
                microseconds limit = 120s) {
  auto number = where.submit(0, std::move(task));
  REQUIRE(number.ok());
  auto ended =
    where.run_until([&] { return where.task(*number).is_over(); }, limit);
  CAPTURE(violations_of(where));
  REQUIRE(ended == drive_end::reached);
  REQUIRE(where.task(*number).report.has_value());
  return *where.task(*number).report;
}

} // namespace

TEST_CASE("a task runs to its verified result in virtual time") {
  world net{{}};
  populate(net, 5);
  net.run_for(1s);
  for (node_index i = 0; i < net.node_count(); ++i)
    CHECK(net.peer_count(i) == 5);
  auto report = run(net, primes_task(1'000, 20));
  CHECK(report.state == task_state::completed);
  CHECK(text_of(report.result) == "168");
  CHECK(report.jobs.completed == 20);
  // Twenty jobs, three times, of 200 ms, on ten cores: 1.2 s at least.
  CHECK(net.elapsed() > 2s);
  CHECK(net.elapsed() < 8s);
  CHECK(net.accounts().in_circulation().micro
        == net.accounts().granted().micro);
  CHECK(net.held(0).micro == 0);
  CHECK(net.balance(0).micro == whole_credits(1'000).micro - report.paid.micro);
  CHECK(net.settle(60s) == drive_end::reached);
  CHECK(violations_of(net) == "");
}

TEST_CASE("the same seed gives the same trace, another one another") {
  auto trace_of = [](std::uint64_t seed) {
    world_options options;
    options.seed = seed;
    options.links.loss = ppm{100'000};
    options.links.duplication = ppm{50'000};
    options.links.reordering = ppm{50'000};
    world net{options};
    populate(net, 4);
    net.run_for(2s);
    run(net, primes_task(500, 10));
    CHECK(violations_of(net) == "");
    return net.trace_hash() + " " + std::to_string(net.steps());
  };
  auto first = trace_of(7);
  // Other addresses, the second time.
  std::vector<std::vector<int>> noise(1'000, std::vector<int>(17));
  CHECK(trace_of(7) == first);
  CHECK(trace_of(8) != first);
}

TEST_CASE("a killed worker's jobs move, and it may come back") {
  for (auto kind : {crash_kind::process, crash_kind::power}) {
    CAPTURE(static_cast<int>(kind));
    world net{{}};
    populate(net, 5);
    net.run_for(1s);
    auto task = net.submit(0, primes_task(1'000, 30, 1s));
    REQUIRE(task.ok());
    REQUIRE(
      net.run_until([&] { return net.node(2).machine->running() > 0; }, 10s)
      == drive_end::reached);
    REQUIRE(net.kill(2, kind).ok());
    CHECK(net.node(2).status == sim::node_status::down);
    CHECK(net.held_jobs(2) == 0);
    CHECK_FALSE(net.kill(2, kind).ok());
    CHECK(net.run_until([&] { return net.task(*task).is_over(); }, 120s)
          == drive_end::reached);
    CHECK(net.task(*task).status() == "completed");
    CHECK(text_of(net.task(*task).report->result) == "168");
    REQUIRE(net.restart(2).ok());
    CHECK_FALSE(net.restart(2).ok());
    CHECK(net.run_until([&] { return net.peer_count(2) == 5; }, 20s)
          == drive_end::reached);
    CHECK(run(net, primes_task(100, 20)).state == task_state::completed);
    CHECK(net.settle(60s) == drive_end::reached);
    CHECK(violations_of(net) == "");
  }
}

TEST_CASE("a paused node does nothing, and goes on afterwards") {
  world net{{}};
  populate(net, 4);
  net.run_for(1s);
  REQUIRE(net.pause(1).ok());
  CHECK_FALSE(net.pause(1).ok());
  auto task = net.submit(0, primes_task(1'000, 12));
  REQUIRE(task.ok());
  REQUIRE(net.run_until([&] { return net.task(*task).is_over(); }, 120s)
          == drive_end::reached);
  CHECK(net.node(1).machine->started == 0);
  REQUIRE(net.resume(1).ok());
  run(net, primes_task(2'000, 40));
  CHECK(net.node(1).machine->started > 0);
  CHECK(violations_of(net) == "");
}

TEST_CASE("an owner that is cut off for a while loses no job") {
  world net{{}};
  populate(net, 8);
  net.run_for(1s);
  auto task = net.submit(0, primes_task(1'000, 60, 1s));
  REQUIRE(task.ok());
  net.run_for(2s);
  std::set<node_index> others;
  for (node_index i = 1; i < net.node_count(); ++i)
    others.insert(i);
  net.net().partition({0}, others, false);
  net.run_for(8s);
  CHECK(net.task(*task).progress.jobs.failed == 0);
  net.net().heal_all();
  REQUIRE(net.run_until([&] { return net.task(*task).is_over(); }, 120s)
          == drive_end::reached);
  CHECK(net.task(*task).status() == "completed");
  CHECK(net.settle(60s) == drive_end::reached);
  CHECK(violations_of(net) == "");
}

TEST_CASE("an owner that crashes leaves its tasks orphaned") {
  world net{{}};
  populate(net, 4);
  net.run_for(1s);
  auto task = net.submit(0, primes_task(1'000, 30));
  REQUIRE(task.ok());
  net.run_for(500ms);
  REQUIRE(net.kill(0, crash_kind::process).ok());
  CHECK(net.task(*task).status() == "orphaned");
  CHECK_FALSE(net.submit(0, primes_task(10, 1)).ok());
  CHECK(net.settle(90s) == drive_end::reached);
  CHECK(violations_of(net) == "");
}

TEST_CASE("a faster node has more done, a slow one less") {
  world net{{}};
  populate(net, 4);
  net.set_cpu_score(1, 4'000);
  behaviour slow;
  slow.slowness_permille = 4'000;
  net.set_behaviour(2, slow);
  net.run_for(1s);
  CHECK(run(net, primes_task(1'000, 60)).state == task_state::completed);
  CHECK(net.node(1).machine->ended > 2 * net.node(2).machine->ended);
}

TEST_CASE("liars are found out and not paid") {
  world net{{}};
  populate(net, 5);
  behaviour liar;
  liar.lies = lie_kind::always;
  net.set_behaviour(3, liar);
  net.run_for(1s);
  auto report = run(net, primes_task(1'000, 20));
  CHECK(text_of(report.result) == "168");
  CHECK(net.earned(3).micro == 0);
  CHECK(net.reputation(3) < ppm{400'000});
  CHECK(net.reputation(1) > ppm{500'000});
  CHECK(violations_of(net) == "");
}

TEST_CASE("a world may end before its nodes ever ran") {
  world net{{}};
  populate(net, 3);
  CHECK(net.steps() == 0);
  CHECK(net.submit(0, primes_task(10, 1)).ok());
}

TEST_CASE("a world refuses what it can't do") {
  world net{{}};
  populate(net, 1);
  CHECK(net.add_node({.name = "worker-1"}).error().code
        == errc::already_exists);
  CHECK(net.add_node({.name = ""}).error().code == errc::invalid_argument);
  CHECK(net.add_node({.name = "a b"}).error().code == errc::invalid_argument);
  CHECK(
    net.add_node({.name = "x", .grant = whole_credits(1'000'000)}).error().code
    == errc::out_of_range);
  CHECK_FALSE(net.resume(1).ok());
  CHECK_FALSE(net.find_node("nobody").has_value());
  REQUIRE(net.submit(0, primes_task(10, 1), "one").ok());
  CHECK(net.submit(0, primes_task(10, 1), "one").error().code
        == errc::already_exists);
}

TEST_CASE("a world that never rests ends at its step limit") {
  world_options options;
  options.step_limit = 20'000;
  world net{options};
  populate(net, 4);
  net.run_for(1s);
  REQUIRE(net.submit(0, primes_task(10'000, 1'000)).ok());
  CHECK(net.run_for(1h) == drive_end::step_limit);
  CHECK(net.steps() == 20'000);
}

TEST_CASE("what is asked for at a time happens then, in order") {
  world net{{}};
  std::vector<int> seen;
  net.at(2s, [&] { seen.push_back(2); });
  net.at(1s, [&] {
    seen.push_back(1);
    CHECK(net.elapsed() == 1s);
    net.after(500ms, [&] { seen.push_back(15); });
  });
  net.at(2s, [&] { seen.push_back(3); });
  CHECK(net.run_for(3s) == drive_end::reached);
  CHECK(net.elapsed() == 3s);
  CHECK(seen == std::vector{1, 15, 2, 3});
}
