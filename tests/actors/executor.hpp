// An executor that runs a script in virtual time instead of a program: takes
// runs one by one, ends a run at once when its stop is requested.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <memory>

namespace artel::testing {

struct scripted_run {
  sandbox::run_result result;
  milliseconds duration{10};
};

/// What a worker's programs do.
using script = std::function<scripted_run(const sandbox::run_request&)>;

/// Shared by the executors of one worker.
struct executor_log {
  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  /// Ended by a request to stop, while they ran.
  std::uint64_t stopped = 0;

  std::uint64_t running() const { return started - ended; }
};

struct executor_config {
  script runs;
  std::shared_ptr<executor_log> log;
  std::function<wall_time(instant)> wall_clock;
};

executor_actor spawn_executor(caf::actor_system& system,
                              executor_config config);

} // namespace artel::testing
