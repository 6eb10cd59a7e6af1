#include "protocol/task/replica_machine.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace artel;

namespace {

using action = replica_machine::action;

instant at(std::int64_t ms) {
  return instant{milliseconds{ms}};
}

} // namespace

TEST_CASE("an assignment is sent again until it is acknowledged") {
  replica_machine machine{{}, at(1'000)};
  CHECK(machine.state() == replica_state::assigned);
  CHECK(machine.on_tick(at(1'099)) == action::nothing);
  CHECK(machine.on_tick(at(1'100)) == action::send_assignment);
  CHECK(machine.on_tick(at(1'150)) == action::nothing);
  CHECK(machine.on_tick(at(1'200)) == action::send_assignment);
  machine.on_ack(at(1'250));
  CHECK(machine.state() == replica_state::acked);
  CHECK(machine.on_tick(at(1'400)) == action::nothing);
  machine.check_invariants();
}

TEST_CASE("a heartbeat stands for a lost acknowledgement") {
  replica_machine machine{{}, at(1'000)};
  machine.on_heartbeat(at(1'100), false);
  CHECK(machine.state() == replica_state::acked);
  replica_machine running{{}, at(1'000)};
  running.on_heartbeat(at(1'100), true);
  CHECK(running.state() == replica_state::running);
  CHECK(running.running_since() == at(1'100));
}

TEST_CASE("silence beyond the lease loses the attempt, a sign renews it") {
  replica_machine machine{{}, at(0)};
  machine.on_ack(at(10));
  CHECK(machine.on_tick(at(910)) == action::nothing);
  machine.on_heartbeat(at(910), false);
  CHECK(machine.on_tick(at(1'810)) == action::nothing);
  CHECK(machine.on_tick(at(1'811)) == action::give_up);
  CHECK(machine.state() == replica_state::lost);
  // It is given up once.
  CHECK(machine.on_tick(at(2'000)) == action::nothing);
  CHECK_FALSE(machine.on_ended());
}

TEST_CASE("an assignment that nobody acknowledges is lost with the lease") {
  replica_machine machine{{}, at(0)};
  auto sent = 0;
  for (std::int64_t now = 50; now <= 900; now += 50)
    sent += machine.on_tick(at(now)) == action::send_assignment;
  CHECK(sent == 9);
  CHECK(machine.on_tick(at(950)) == action::give_up);
}

TEST_CASE("a run past its limit and grace is lost, however alive the worker") {
  replica_timing timing;
  timing.run_limit = milliseconds{1'000};
  timing.grace = milliseconds{500};
  replica_machine machine{timing, at(0)};
  machine.on_ack(at(10));
  // Waiting in the queue does not count.
  for (std::int64_t now = 100; now <= 5'000; now += 100) {
    machine.on_heartbeat(at(now), false);
    CHECK(machine.on_tick(at(now)) == action::nothing);
  }
  for (std::int64_t now = 5'100; now <= 6'600; now += 100) {
    machine.on_heartbeat(at(now), true);
    CHECK(machine.on_tick(at(now)) == action::nothing);
  }
  machine.on_heartbeat(at(6'601), true);
  CHECK(machine.on_tick(at(6'601)) == action::give_up);
}

TEST_CASE("an attempt ends once, and nothing changes its end") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    replica_machine machine{{}, at(0)};
    auto ends = 0;
    std::int64_t now = 0;
    for (int step = 0; step < 60; ++step) {
      now += static_cast<std::int64_t>(random.below(150));
      auto before = machine.state();
      auto ended = false;
      switch (random.below(12)) {
        case 0: ended = machine.on_ended(); break;
        case 1: ended = machine.on_cancelled(); break;
        case 2: ended = machine.on_unreachable(); break;
        case 3: machine.on_ack(at(now)); break;
        case 4: machine.on_heartbeat(at(now), true); break;
        case 5: machine.on_heartbeat(at(now), false); break;
        default: ended = machine.on_tick(at(now)) == action::give_up;
      }
      ends += ended;
      machine.check_invariants();
      CHECK(ended == (is_final(machine.state()) && !is_final(before)));
      if (is_final(before))
        CHECK(machine.state() == before);
      CHECK(machine.state() >= before);
    }
    CHECK(ends == (is_final(machine.state()) ? 1 : 0));
  }
}

TEST_CASE("every replica state has a name of its own") {
  CHECK(to_string(replica_state::assigned) == "assigned");
  CHECK(to_string(replica_state::cancelled) == "cancelled");
  CHECK(to_string(replica_state{}) == "unknown");
}
