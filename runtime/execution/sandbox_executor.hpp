// The executor actor of the real world: blocks a thread of its own while a
// bundle runs, so the scheduler's threads never wait for one.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "runtime/execution/run_gate.hpp"
#include "sandbox/executor.hpp"

#include <caf/actor_system.hpp>

#include <functional>
#include <memory>

namespace artel::runtime {

struct sandbox_executor_config {
  std::shared_ptr<sandbox::executor> executor;
  /// Null: nothing is shared.
  std::shared_ptr<run_gate> gate;
  std::function<wall_time()> wall_clock;
};

executor_actor spawn_sandbox_executor(caf::actor_system& system,
                                      sandbox_executor_config config);

} // namespace artel::runtime
