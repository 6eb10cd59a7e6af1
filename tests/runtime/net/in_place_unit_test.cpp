#include "runtime/net/in_place_unit.hpp"

#include <caf/actor_cast.hpp>
#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/stateful_actor.hpp>

#include <doctest/doctest.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

using namespace artel::runtime;

namespace {

/// Opened once; whoever waits for it goes on.
class gate {
public:
  void open() {
    std::lock_guard guard{mutex_};
    open_ = true;
    changed_.notify_all();
  }

  void wait() {
    std::unique_lock guard{mutex_};
    changed_.wait(guard, [this] { return open_; });
  }

private:
  std::mutex mutex_;
  std::condition_variable changed_;
  bool open_ = false;
};

/// Of an actor: which messages it had, and on which threads.
struct record {
  std::mutex mutex;
  std::vector<int> numbers;
  std::vector<std::thread::id> threads;
  std::atomic<int> count{0};
  gate entered;
  gate go_on;

  void note(int number) {
    std::lock_guard guard{mutex};
    numbers.push_back(number);
    threads.push_back(std::this_thread::get_id());
    ++count;
  }
};

using record_ptr = std::shared_ptr<record>;

constexpr int ask_to_wait = -1;
constexpr int ask_to_send_oneself = -2;
constexpr int ask_to_end = -3;

caf::behavior note_all(caf::event_based_actor* self, record_ptr made) {
  return {[self, made](int number) {
    made->note(number);
    if (number == ask_to_wait) {
      made->entered.open();
      made->go_on.wait();
    }
    if (number == ask_to_send_oneself)
      for (int i = 0; i < 10; ++i)
        self->send(self, i);
    if (number == ask_to_end)
      self->quit();
  }};
}

caf::behavior pass_on(caf::event_based_actor* self, caf::actor next) {
  return {[self, next](int number) { self->send(next, number); }};
}

struct fixture {
  caf::actor_system_config config;
  caf::actor_system system{config};
  in_place_unit unit{system};
  record_ptr made = std::make_shared<record>();

  void run(const caf::actor& target, int number, std::size_t messages_max = 3) {
    unit.run(
      *caf::actor_cast<caf::abstract_actor*>(target),
      caf::make_mailbox_element(nullptr, caf::make_message_id(), {}, number),
      messages_max);
  }

  void wait_for(int messages) const {
    while (made->count < messages)
      std::this_thread::yield();
  }

  /// Until it waits in its mailbox: its first turn is the scheduler's.
  void settle(const caf::actor& target) {
    for (int i = 1; i <= 10'000; ++i) {
      run(target, 0);
      wait_for(i);
      std::lock_guard guard{made->mutex};
      if (made->threads.back() == std::this_thread::get_id()) {
        made->numbers.clear();
        made->threads.clear();
        made->count = 0;
        return;
      }
    }
    FAIL("it never waits");
  }
};

} // namespace

TEST_CASE_FIXTURE(fixture, "an actor that waits runs on the caller's thread") {
  auto actor = system.spawn(note_all, made);
  settle(actor);
  for (int i = 1; i <= 100; ++i) {
    run(actor, i);
    // Done when the call returns.
    REQUIRE(made->count == i);
    REQUIRE(made->numbers.back() == i);
    REQUIRE(made->threads.back() == std::this_thread::get_id());
  }
}

TEST_CASE_FIXTURE(fixture, "an actor that runs elsewhere is not disturbed") {
  auto actor = system.spawn(note_all, made);
  caf::anon_send(actor, ask_to_wait);
  made->entered.wait();
  run(actor, 1);
  run(actor, 2);
  CHECK(made->count == 1);
  made->go_on.open();
  wait_for(3);
  CHECK(made->numbers == std::vector<int>{ask_to_wait, 1, 2});
  CHECK(made->threads[1] != std::this_thread::get_id());
}

TEST_CASE_FIXTURE(fixture, "the scheduler goes on where a turn is too long") {
  auto actor = system.spawn(note_all, made);
  settle(actor);
  run(actor, ask_to_send_oneself, 3);
  wait_for(11);
  std::lock_guard guard{made->mutex};
  CHECK(made->numbers
        == std::vector<int>{ask_to_send_oneself, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
  std::size_t here = 0;
  for (const auto& one : made->threads)
    here += one == std::this_thread::get_id() ? 1 : 0;
  CHECK(here == 3);
}

TEST_CASE_FIXTURE(fixture, "whom it sends to runs on the scheduler's threads") {
  auto last = system.spawn(note_all, made);
  settle(last);
  auto first = system.spawn(pass_on, last);
  // Its first turn is the scheduler's, or this one: either may come first.
  run(first, 1);
  wait_for(1);
  run(first, 2);
  wait_for(2);
  std::lock_guard guard{made->mutex};
  CHECK(made->numbers == std::vector<int>{1, 2});
  for (const auto& one : made->threads)
    CHECK(one != std::this_thread::get_id());
}

TEST_CASE_FIXTURE(fixture,
                  "an actor that ends on the caller's thread is gone") {
  caf::scoped_actor self{system};
  auto actor = self->spawn<caf::monitored>(note_all, made);
  settle(actor);
  run(actor, ask_to_end);
  CHECK(made->threads.back() == std::this_thread::get_id());
  auto told = false;
  self->receive([&](const caf::down_msg& message) {
    told = message.source == actor.address();
  });
  CHECK(told);
  // What comes for it then is dropped.
  run(actor, 1);
  CHECK(made->count == 1);
  actor = nullptr;
  self->await_all_other_actors_done();
}
