#include "runtime/execution/sandbox_executor.hpp"

#include <caf/spawn_options.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <utility>

namespace artel::runtime {

namespace {

struct executor_state {
  static inline const char* name = "executor";

  sandbox_executor_config config;
};

using pointer = executor_actor::stateful_pointer<executor_state>;

sandbox::run_result cancelled() {
  sandbox::run_result result;
  result.outcome = run_outcome::cancelled;
  result.detail = "cancelled before it started";
  return result;
}

sandbox::run_result run(pointer self, const run_job& message) {
  auto& config = self->state.config;
  // Kernels take no memory to speak of, beside what their limits say.
  auto memory = message.request.bundle ? message.request.limits.memory_bytes
                                       : std::uint64_t{0};
  if (message.stop.stop_requested()
      || (config.gate && !config.gate->enter(memory, message.stop)))
    return cancelled();
  self->send(message.worker, run_started{message.attempt, message.requester});
  auto result = config.executor->execute(message.request, message.stop);
  if (config.gate)
    config.gate->leave(memory);
  return result;
}

executor_actor::behavior_type make_executor(pointer self,
                                            sandbox_executor_config config) {
  self->state.config = std::move(config);
  return {
    [self](const run_job& m) {
      run_finished finished;
      finished.attempt = m.attempt;
      finished.requester = m.requester;
      finished.started = self->state.config.wall_clock();
      finished.result = run(self, m);
      if (finished.result.outcome == run_outcome::completed)
        finished.output =
          output_hash(finished.result.output, hash_of(finished.result.files));
      self->send(m.worker, std::move(finished));
    },
    [self](const stop_actor&) { self->quit(); },
  };
}

} // namespace

executor_actor spawn_sandbox_executor(caf::actor_system& system,
                                      sandbox_executor_config config) {
  return system.spawn<caf::detached>(make_executor, std::move(config));
}

} // namespace artel::runtime
