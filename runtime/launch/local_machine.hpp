// What this machine gives to others' jobs: one sandbox executor, one gate for
// cores and memory, one store of bundles, shared by all workers of a process.
#pragma once

#include "actors/worker.hpp"
#include "runtime/execution/run_gate.hpp"
#include "runtime/launch/task_network.hpp"
#include "sandbox/local_executor.hpp"

#include <cstdint>
#include <memory>
#include <optional>

namespace artel::runtime {

class local_machine {
public:
  /// Measures the machine, and takes the share of it that the config names:
  /// out_of_range where there is not so much. `slots` are runs at a time; 0: as
  /// many as the share has cores.
  static result<std::shared_ptr<local_machine>>
  open(const sandbox::local_config& config, std::uint32_t slots);

  std::uint32_t slots() const noexcept { return slots_; }
  /// Of the share, not of the whole machine.
  const wire::capabilities& offer() const noexcept { return offer_; }

  /// A worker with so many slots. `instead` runs its jobs where it is set.
  worker_config worker(const environment_ptr& environment,
                       const observer_actor& observer, std::uint32_t slots,
                       std::shared_ptr<sandbox::executor> instead = {}) const;

  /// Whether this machine can isolate the task's programs at all; what its
  /// policy refuses is not a problem here.
  std::optional<failure> sandbox_problem(const submission& task) const;

private:
  local_machine() = default;

  std::uint32_t slots_ = 0;
  wire::capabilities offer_;
  std::shared_ptr<run_gate> gate_;
  std::shared_ptr<sandbox::local_executor> executor_;
  /// Null where nothing is kept on disk.
  std::shared_ptr<bundle_storage> bundles_;
};

} // namespace artel::runtime
