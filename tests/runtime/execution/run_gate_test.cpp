#include "runtime/execution/run_gate.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
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
          if (!gate.enter(0, {}))
            continue;
          auto now = ++inside;
          auto seen = most.load();
          while (now > seen && !most.compare_exchange_weak(seen, now)) {
          }
          std::this_thread::yield();
          --inside;
          gate.leave(0);
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
  REQUIRE(gate.enter(0, {}));
  std::stop_source stop;
  std::atomic<bool> entered = true;
  {
    std::jthread waiting{[&] { entered = gate.enter(0, stop.get_token()); }};
    stop.request_stop();
  }
  CHECK_FALSE(entered);
  // It took no place with it.
  gate.leave(0);
  CHECK(gate.enter(0, {}));
}

TEST_CASE("runs wait until there is memory for them") {
  run_gate gate{8, 100};
  REQUIRE(gate.enter(60, {}));
  REQUIRE(gate.enter(40, {}));
  std::stop_source stop;
  std::atomic<bool> entered = true;
  {
    std::jthread waiting{[&] { entered = gate.enter(1, stop.get_token()); }};
    stop.request_stop();
  }
  CHECK_FALSE(entered);
  gate.leave(40);
  CHECK(gate.enter(1, {}));
}

TEST_CASE("what asks for more memory than there is runs alone") {
  run_gate gate{8, 100};
  REQUIRE(gate.enter(500, {}));
  std::stop_source stop;
  std::atomic<bool> entered = true;
  {
    std::jthread waiting{[&] { entered = gate.enter(1, stop.get_token()); }};
    stop.request_stop();
  }
  CHECK_FALSE(entered);
  gate.leave(500);
  CHECK(gate.enter(1, {}));
}

TEST_CASE("a large run is not passed by small ones that came later") {
  run_gate gate{8, 100};
  REQUIRE(gate.enter(50, {}));
  std::atomic<bool> large = false;
  std::jthread waiting{[&] { large = gate.enter(100, {}); }};
  std::atomic<bool> small = true;
  // It may come before the large one waits; then it gets in, and leaves.
  for (auto turned_away = false; !turned_away;) {
    std::stop_source soon;
    std::jthread later{[&] { small = gate.enter(1, soon.get_token()); }};
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
    soon.request_stop();
    later.join();
    turned_away = !small;
    if (small)
      gate.leave(1);
  }
  CHECK_FALSE(large);
  gate.leave(50);
  waiting.join();
  CHECK(large);
  gate.leave(100);
}
