#include "runtime/sim/executor.hpp"

#include "actors/environment.hpp"
#include "protocol/identity/hash.hpp"
#include "sandbox/kernels/kernels.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <algorithm>
#include <deque>
#include <optional>
#include <stop_token>
#include <utility>

namespace artel::sim {

/// The run with this number is over.
struct run_over {
  std::uint64_t number = 0;
};

} // namespace artel::sim

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::sim::run_over)

namespace artel::sim {

// -- results ------------------------------------------------------------------

namespace {

/// What a modelled run is said to have used: real figures would differ from
/// one machine to the next.
constexpr std::uint64_t modelled_memory_bytes = 1u << 20;

void add_text(hasher& hash, const std::string& text) {
  hash.update(text.size()).update(as_bytes(text));
}

hash256 key_of(const sandbox::run_request& request) {
  hasher hash{"artel.simulated-run.v1"};
  add_text(hash, request.kernel);
  for (const auto& argument : request.kernel_arguments)
    add_text(hash, argument);
  if (request.bundle)
    hash.update(hash_of(*request.bundle).view()).update(request.index);
  hash.update(hash_of(request.input).view())
    .update(request.limits.stdout_bytes)
    .update(request.limits.memory_bytes)
    .update(request.limits.fuel);
  return hash.finish();
}

} // namespace

run_library::run_library(std::shared_ptr<sandbox::executor> real)
  : real_(std::move(real)) {
}

sandbox::run_result run_library::compute(const sandbox::run_request& request) {
  if (!request.kernel.empty())
    return sandbox::kernel_executor{}.execute(request, {});
  if (real_)
    return real_->execute(request, {});
  sandbox::run_result refused;
  refused.outcome = run_outcome::sandbox_unavailable;
  refused.detail = "this simulated world runs kernels only";
  return refused;
}

const sandbox::run_result&
run_library::honest(const sandbox::run_request& request) {
  auto key = key_of(request);
  auto known = known_.find(key);
  if (known == known_.end()) {
    auto result = compute(request);
    result.memory_peak_bytes = modelled_memory_bytes;
    known = known_.emplace(key, std::move(result)).first;
  }
  return known->second;
}

void run_library::set_estimate(const task_id& task, milliseconds estimate) {
  estimates_[task] = estimate;
}

milliseconds run_library::estimate(const task_id& task) const {
  auto found = estimates_.find(task);
  return found == estimates_.end() ? task_spec{}.estimate : found->second;
}

// -- runs ---------------------------------------------------------------------

namespace {

using sim_executor_actor = executor_actor::extend<caf::reacts_to<run_over>>;

struct sim_executor_state {
  static inline const char* name = "executor";

  using on_stop = std::stop_callback<std::function<void()>>;

  sim_executor_config config;
  std::optional<random_generator> random;
  std::deque<run_job> waiting;
  std::optional<run_job> current;
  std::uint64_t number = 0;
  sandbox::run_result planned;
  wall_time started{};
  std::optional<on_stop> stopped;
};

using pointer = sim_executor_actor::stateful_pointer<sim_executor_state>;

/// Cores are shared evenly; a tenth up or down is drawn.
microseconds modelled_time(pointer self, const task_id& task) {
  auto& state = self->state;
  const auto& machine = *state.config.machine;
  auto work = microseconds{state.config.library->estimate(task)}.count();
  auto score = std::max<std::int64_t>(machine.cpu_score, 1);
  auto cores = std::max<std::int64_t>(machine.cores, 1);
  auto load = std::max(static_cast<std::int64_t>(machine.running()), cores);
  constexpr std::int64_t permille = 1'000;
  auto time = work * permille / score * load / cores;
  time = time * machine.how.slowness_permille / permille;
  auto spread = static_cast<std::int64_t>(state.random->below(201)) + 900;
  return microseconds{std::max<std::int64_t>(time * spread / permille, 1)};
}

sandbox::run_result planned_result(pointer self, const run_job& job,
                                   microseconds& time) {
  auto& state = self->state;
  const auto& machine = *state.config.machine;
  auto result =
    misbehave(machine.how, machine.node, job.request,
              state.config.library->honest(job.request), *state.random);
  microseconds limit{job.request.limits.wall_time};
  if (time > limit) {
    time = limit;
    result = {};
    result.outcome = run_outcome::timeout;
    result.detail = "ran for longer than "
                    + std::to_string(job.request.limits.wall_time.count())
                    + " ms";
  }
  result.wall_time_used = std::chrono::duration_cast<milliseconds>(time);
  result.cpu_time_used = result.wall_time_used;
  return result;
}

void finish(pointer self, const run_job& job, sandbox::run_result result,
            wall_time started) {
  run_finished finished;
  finished.attempt = job.attempt;
  finished.requester = job.requester;
  finished.started = started;
  finished.result = std::move(result);
  if (finished.result.outcome == run_outcome::completed)
    finished.output =
      output_hash(finished.result.output, hash_of(finished.result.files));
  self->send(job.worker, std::move(finished));
}

sandbox::run_result cancelled() {
  sandbox::run_result result;
  result.outcome = run_outcome::cancelled;
  return result;
}

void start(pointer self, run_job job) {
  auto& state = self->state;
  auto& machine = *state.config.machine;
  ++machine.started;
  self->send(job.worker, run_started{job.attempt, job.requester});
  auto time = modelled_time(self, job.attempt.task);
  state.planned = planned_result(self, job, time);
  auto number = ++state.number;
  if (!machine.how.silent)
    self->delayed_send(self, time, run_over{number});
  auto over = [to = sim_executor_actor{self}, number] {
    caf::anon_send(to, run_over{number});
  };
  state.current = std::move(job);
  state.stopped.emplace(state.current->stop, std::move(over));
}

void start_next(pointer self) {
  auto& state = self->state;
  while (!state.current && !state.waiting.empty()) {
    auto job = std::move(state.waiting.front());
    state.waiting.pop_front();
    state.started = state.config.wall_clock(now_of(self));
    if (job.stop.stop_requested())
      finish(self, job, cancelled(), state.started);
    else
      start(self, std::move(job));
  }
}

void on_over(pointer self, std::uint64_t number) {
  auto& state = self->state;
  if (!state.current || number != state.number)
    return;
  state.stopped.reset();
  auto job = std::move(*state.current);
  state.current.reset();
  auto result = std::move(state.planned);
  auto& machine = *state.config.machine;
  ++machine.ended;
  if (job.stop.stop_requested()) {
    ++machine.stopped;
    result = cancelled();
  }
  finish(self, job, std::move(result), state.started);
  start_next(self);
}

sim_executor_actor::behavior_type make_executor(pointer self,
                                                sim_executor_config config) {
  self->state.random.emplace(config.seed);
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

executor_actor spawn_sim_executor(caf::actor_system& system,
                                  sim_executor_config config) {
  return system.spawn(make_executor, std::move(config));
}

} // namespace artel::sim
