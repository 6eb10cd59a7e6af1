#include "runtime/execution/sandbox_executor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

using namespace artel;
using namespace artel::runtime;

namespace {

/// Echoes the job's data; fails where there is none.
class echo final : public sandbox::executor {
public:
  sandbox::run_result execute(const sandbox::run_request& request,
                              std::stop_token) override {
    sandbox::run_result result;
    result.output = request.input.data;
    if (result.output.empty())
      result.outcome = run_outcome::nonzero_exit;
    return result;
  }
};

/// What the executor told its worker, for the test's thread.
struct heard {
  std::mutex mutex;
  std::condition_variable changed;
  std::vector<wire::attempt_ref> started;
  std::vector<run_finished> finished;

  void await(std::size_t count) {
    std::unique_lock lock{mutex};
    changed.wait(lock, [&] { return finished.size() >= count; });
  }
};

worker_actor::behavior_type listen(worker_actor::pointer self,
                                   std::shared_ptr<heard> log) {
  return {
    [](const peer_message&) {},
    [](const peer_ready&) {},
    [](const source_fetched&) {},
    [log](const run_started& m) {
      std::lock_guard guard{log->mutex};
      log->started.push_back(m.attempt);
    },
    [log](const run_finished& m) {
      std::lock_guard guard{log->mutex};
      log->finished.push_back(m);
      log->changed.notify_all();
    },
    [](const peer_gone&) {},
    [](const sweep&) {},
    [](const flush&) {},
    [](const network_changed&) {},
    [](const query_worker&) { return worker_status{}; },
    [](const drain_worker&) {},
    [self](const stop_actor&) { self->quit(); },
  };
}

constexpr wall_time calendar{milliseconds{1'735'689'600'000}};

struct bench {
  bench() {
    sandbox_executor_config setup;
    setup.executor = std::make_shared<echo>();
    setup.gate = gate;
    setup.wall_clock = [] { return calendar; };
    executor = spawn_sandbox_executor(system, setup);
    worker = system.spawn(listen, log);
  }

  ~bench() {
    caf::anon_send(executor, stop_actor{});
    caf::anon_send(worker, stop_actor{});
  }

  void run(std::uint64_t job, std::string_view data, std::stop_token stop) {
    run_job message;
    message.attempt.job = job;
    message.request.index = job;
    message.request.input.data = to_bytes(data);
    message.stop = std::move(stop);
    message.worker = worker;
    caf::anon_send(executor, std::move(message));
  }

  caf::actor_system_config config;
  caf::actor_system system{config};
  std::shared_ptr<heard> log = std::make_shared<heard>();
  std::shared_ptr<run_gate> gate = std::make_shared<run_gate>(1);
  executor_actor executor;
  worker_actor worker;
};

} // namespace

TEST_CASE("an executor runs what it is given, one after the other") {
  bench one;
  for (std::uint64_t job = 0; job < 20; ++job)
    one.run(job, "data " + std::to_string(job), {});
  one.log->await(20);
  std::lock_guard guard{one.log->mutex};
  CHECK(one.log->started.size() == 20);
  for (std::uint64_t job = 0; job < 20; ++job) {
    const auto& run = one.log->finished[job];
    CHECK(run.attempt.job == job);
    CHECK(run.started == calendar);
    CHECK(run.result.output == to_bytes("data " + std::to_string(job)));
    CHECK(run.output == output_hash(run.result.output));
  }
}

TEST_CASE("a failed run commits to no output") {
  bench one;
  one.run(1, "", {});
  one.log->await(1);
  std::lock_guard guard{one.log->mutex};
  CHECK(one.log->finished[0].result.outcome == run_outcome::nonzero_exit);
  CHECK(one.log->finished[0].output.is_zero());
}

TEST_CASE("a run that was cancelled before it began is not started") {
  bench one;
  std::stop_source stop;
  SUBCASE("while it waited in the mailbox") {
    stop.request_stop();
    one.run(1, "data", stop.get_token());
  }
  SUBCASE("while it waited for a place") {
    REQUIRE(one.gate->enter(0, {}));
    one.run(1, "data", stop.get_token());
    stop.request_stop();
  }
  one.log->await(1);
  std::lock_guard guard{one.log->mutex};
  CHECK(one.log->started.empty());
  CHECK(one.log->finished[0].result.outcome == run_outcome::cancelled);
  CHECK(one.log->finished[0].output.is_zero());
}
