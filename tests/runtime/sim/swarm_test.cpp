#include "runtime/sim/swarm/swarm.hpp"

#include "runtime/sim/swarm/child_process.hpp"
#include "runtime/sim/swarm/trial.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include <signal.h>
#include <unistd.h>

using namespace artel;
using namespace artel::sim;

namespace {

swarm_options few_seeds() {
  swarm_options options;
  options.first = 1;
  options.last = 6;
  options.plan.nodes = 5;
  options.plan.crypto = signature_kind::modelled;
  return options;
}

} // namespace

TEST_CASE("a child answers messages, and its end is told with what it said") {
  auto child = child_process::start([](const std::string& message) {
    if (message == "die") {
      std::fputs("that is the end\n", stderr);
      std::abort();
    }
    return message + "!";
  });
  REQUIRE(child);
  auto& one = **child;
  CHECK(one.send("hello"));
  CHECK(one.receive() == "hello!");
  CHECK(one.send("die"));
  CHECK_FALSE(one.receive().has_value());
  auto how = one.end();
  CHECK(how.find("signal 6") != std::string::npos);
  CHECK(how.find("that is the end") != std::string::npos);
  CHECK_FALSE(one.send("still there"));
}

TEST_CASE("a child that does not answer is ended with its owner") {
  pid_t process = 0;
  {
    auto child = child_process::start(
      [](const std::string&) { return std::to_string(::getpid()); });
    REQUIRE(child);
    (*child)->send("who are you");
    process = std::stoi((*child)->receive().value_or("0"));
    CHECK_FALSE((*child)->wait(milliseconds{10}));
  }
  REQUIRE(process > 0);
  CHECK(::kill(process, 0) != 0);
}

TEST_CASE("a swarm comes to the same over one process and over several") {
  auto options = few_seeds();
  auto alone = run_swarm(options);
  options.processes = 3;
  std::uint64_t calls = 0;
  options.progress = [&](const swarm_totals&) { ++calls; };
  auto together = run_swarm(options);
  REQUIRE(alone);
  REQUIRE(together);
  CHECK(alone->seeds == 6);
  CHECK(alone->failed == 0);
  CHECK(together->seeds == 6);
  CHECK(together->steps == alone->steps);
  CHECK(together->simulated == alone->simulated);
  CHECK(together->tasks == alone->tasks);
  CHECK(together->frames == alone->frames);
  CHECK(alone->steps > 1'000);
  CHECK(calls > 0);
}

TEST_CASE("a swarm ends seeds that take too long, and goes on") {
  auto options = few_seeds();
  options.guard = milliseconds{0};
  // Large ones, so that they are not done when they are looked at first.
  options.last = 3;
  options.plan.nodes = 60;
  options.plan.faults = fault_level::heavy;
  auto totals = run_swarm(options);
  REQUIRE(totals);
  CHECK(totals->seeds == 3);
  CHECK(totals->failed > 0);
  REQUIRE_FALSE(totals->failures.empty());
  CHECK(totals->failures[0].rule == rule_hangs);
}

TEST_CASE("a swarm stops when told, and says how far it came") {
  auto options = few_seeds();
  options.last = 1'000'000;
  options.stopped = [] { return true; };
  auto totals = run_swarm(options);
  REQUIRE(totals);
  CHECK(totals->interrupted);
  CHECK(totals->seeds < 10);
  CHECK(totals->wanted == 1'000'000);
}

TEST_CASE("a trial tells whether a plan holds, and whether it was stopped") {
  plan_options options;
  options.nodes = 4;
  options.faults = fault_level::none;
  options.crypto = signature_kind::modelled;
  auto plan = make_plan(1, options);
  trial_options how;
  how.check_determinism = true;
  auto held = try_plan(plan, how);
  REQUIRE(held);
  CHECK_FALSE(held->has_value());

  how.guard = milliseconds{0};
  // Twice a world of thirty nodes takes longer than a look.
  options.nodes = 30;
  options.faults = fault_level::heavy;
  auto slow = try_plan(make_plan(1, options), how);
  REQUIRE(slow);
  if (*slow)
    CHECK((*slow)->rule == rule_hangs);
}
