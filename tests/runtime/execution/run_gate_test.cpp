#include "runtime/execution/run_gate.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>
#include <vector>

using namespace artel::runtime;

TEST_CASE("a gate lets in as many as it has places, over any threads") {
  run_gate gate{2};
  std::atomic<int> inside = 0;
  std::atomic<int> most = 0;
  std::atomic<int> passed = 0;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 8; ++i)
      threads.emplace_back([&] {
        for (int run = 0; run < 200; ++run) {
          if (!gate.enter({}))
            continue;
          auto now = ++inside;
          auto seen = most.load();
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          std::this_thread::yield();
          --inside;
          gate.leave();
          ++passed;
        }
      });
  }
  CHECK(passed == 8 * 200);
  CHECK(most >= 1);
  CHECK(most <= 2);
}

TEST_CASE("who waits for a place is let go when told to stop") {
  run_gate gate{1};
  REQUIRE(gate.enter({}));
  std::stop_source stop;
  std::atomic<bool> entered = true;
  {
    std::jthread waiting{[&] { entered = gate.enter(stop.get_token()); }};
    stop.request_stop();
  }
  CHECK_FALSE(entered);
  // It took no place with it.
  gate.leave();
  CHECK(gate.enter({}));
}
