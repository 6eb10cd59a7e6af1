// The executor of the simulated world: results are real, time is modelled. A
// kernel's result is computed once for each input and remembered; a bundle is
// run once in a real sandbox (where the world allows it) and its result
// recorded. A run takes estimate x 1000 / cpu_score, longer where more runs
// than cores share the node, and as long as the node's behaviour makes it.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/core/random.hpp"
#include "runtime/sim/byzantine/behaviour.hpp"
#include "runtime/sim/stage.hpp"
#include "sandbox/executor.hpp"

#include <caf/actor_system.hpp>

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

namespace artel::sim {

/// What honest runs give. One a world.
class run_library {
public:
  /// `real` runs bundles; null: they fail with sandbox_unavailable in words.
  explicit run_library(std::shared_ptr<sandbox::executor> real);

  const sandbox::run_result& honest(const sandbox::run_request& request);

  /// How long a task's jobs take on one reference core.
  void set_estimate(const task_id& task, milliseconds estimate);
  milliseconds estimate(const task_id& task) const;

private:
  sandbox::run_result compute(const sandbox::run_request& request);

  std::shared_ptr<sandbox::executor> real_;
  std::map<hash256, sandbox::run_result> known_;
  std::map<task_id, milliseconds> estimates_;
};

/// What all executors of a node share, and what the world looks at.
struct machine_state {
  node_index node = no_node;
  std::uint32_t cpu_score = 1'000;
  std::uint32_t cores = 4;
  behaviour how;
  std::uint64_t started = 0;
  std::uint64_t ended = 0;
  /// Ended by a request to stop while they ran.
  std::uint64_t stopped = 0;

  std::uint64_t running() const { return started - ended; }
};

struct sim_executor_config {
  std::shared_ptr<run_library> library;
  std::shared_ptr<machine_state> machine;
  random_generator::seed_type seed{};
  std::function<wall_time(instant)> wall_clock;
};

executor_actor spawn_sim_executor(caf::actor_system& system,
                                  sim_executor_config config);

} // namespace artel::sim
