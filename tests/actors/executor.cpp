#include "tests/actors/executor.hpp"

#include "actors/environment.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <deque>
#include <optional>
#include <stop_token>
#include <utility>

namespace artel::testing {

/// The run with this number is over.
struct run_over {
  std::uint64_t number = 0;
};

} // namespace artel::testing

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::testing::run_over)

namespace artel::testing {

namespace {

using scripted_actor = executor_actor::extend<caf::reacts_to<run_over>>;

struct executor_state {
  static inline const char* name = "executor";

  using on_stop = std::stop_callback<std::function<void()>>;

  executor_config config;
  std::deque<run_job> waiting;
  std::optional<run_job> current;
  std::uint64_t number = 0;
  scripted_run planned;
  wall_time started{};
  std::optional<on_stop> stopped;
};

using pointer = scripted_actor::stateful_pointer<executor_state>;

void finish(pointer self, const run_job& job, sandbox::run_result result,
            wall_time started) {
  run_finished finished;
  finished.attempt = job.attempt;
  finished.requester = job.requester;
  finished.started = started;
  finished.result = std::move(result);
  if (finished.result.outcome == run_outcome::completed)
    finished.output = output_hash(finished.result.output);
  self->send(job.worker, std::move(finished));
}

sandbox::run_result cancelled() {
  sandbox::run_result result;
  result.outcome = run_outcome::cancelled;
  return result;
}

void start_next(pointer self) {
  auto& state = self->state;
  while (!state.current && !state.waiting.empty()) {
    auto job = std::move(state.waiting.front());
    state.waiting.pop_front();
    state.started = state.config.wall_clock(now_of(self));
    if (job.stop.stop_requested()) {
      finish(self, job, cancelled(), state.started);
      continue;
    }
    ++state.config.log->started;
    self->send(job.worker, run_started{job.attempt, job.requester});
    state.planned = state.config.runs(job.request);
    auto number = ++state.number;
    self->delayed_send(self, state.planned.duration, run_over{number});
    auto over = [to = scripted_actor{self}, number] {
      caf::anon_send(to, run_over{number});
    };
    state.current = std::move(job);
    state.stopped.emplace(state.current->stop, std::move(over));
  }
}

void on_over(pointer self, std::uint64_t number) {
  auto& state = self->state;
  if (!state.current || number != state.number)
    return;
  state.stopped.reset();
  auto job = std::move(*state.current);
  state.current.reset();
  auto result = std::move(state.planned.result);
  ++state.config.log->ended;
  if (job.stop.stop_requested()) {
    ++state.config.log->stopped;
    result = cancelled();
  }
  result.wall_time_used = state.planned.duration;
  finish(self, job, std::move(result), state.started);
  start_next(self);
}

scripted_actor::behavior_type make_executor(pointer self,
                                            executor_config config) {
  self->state.config = std::move(config);
  return {
    [self](const run_job& m) {
      self->state.waiting.push_back(m);
      start_next(self);
    },
    [self](const stop_actor&) { self->quit(); },
    [self](const run_over& m) { on_over(self, m.number); },
  };
}

} // namespace

executor_actor spawn_executor(caf::actor_system& system,
                              executor_config config) {
  return system.spawn(make_executor, std::move(config));
}

} // namespace artel::testing
