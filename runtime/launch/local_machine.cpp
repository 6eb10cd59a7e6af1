#include "runtime/launch/local_machine.hpp"

#include "runtime/execution/disk_bundles.hpp"
#include "runtime/execution/sandbox_executor.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/launch/machine.hpp"

#include <string>
#include <utility>

namespace artel::runtime {

namespace {

/// Workers offer no more than the share of the machine that they may use.
result<void> take_share(const sandbox::local_config& config,
                        wire::capabilities& offer) {
  const auto& share = config.process.share;
  if (share.cpu_permille > offer.cores * 1'000)
    return {errc::out_of_range,
            "a share of " + std::to_string(share.cpu_permille / 1'000)
              + " cores; this machine has " + std::to_string(offer.cores)};
  if (share.memory_bytes > offer.ram_bytes)
    return {errc::out_of_range, "a share of "
                                  + std::to_string(share.memory_bytes)
                                  + " bytes of memory; this machine has "
                                  + std::to_string(offer.ram_bytes)};
  if (share.cpu_permille > 0)
    offer.cores = (share.cpu_permille + 999) / 1'000;
  if (share.memory_bytes > 0)
    offer.ram_bytes = share.memory_bytes;
  return {};
}

} // namespace

result<std::shared_ptr<local_machine>>
local_machine::open(const sandbox::local_config& config, std::uint32_t slots) {
  std::shared_ptr<local_machine> machine{new local_machine};
  machine->offer_ = measure_machine();
  if (auto taken = take_share(config, machine->offer_); !taken)
    return taken.error();
  machine->slots_ = slots > 0 ? slots : machine->offer_.cores;
  auto memory = config.process.share.memory_bytes;
  machine->gate_ = std::make_shared<run_gate>(
    machine->slots_, memory > 0 ? memory : run_gate::no_memory_bound);
  machine->executor_ = std::make_shared<sandbox::local_executor>(config);
  if (!config.cache_directory.empty()) {
    auto opened = disk_bundles::open(config.cache_directory);
    if (!opened)
      return opened.error();
    machine->bundles_ = std::move(*opened);
  }
  return machine;
}

worker_config
local_machine::worker(const environment_ptr& environment,
                      const observer_actor& observer, std::uint32_t slots,
                      std::shared_ptr<sandbox::executor> instead) const {
  worker_config config;
  config.environment = environment;
  config.observer = observer;
  config.offer = offer_;
  config.offer.slots = slots;
  config.bundles = bundles_;
  config.admits = [machine = executor_](const code_ref& code,
                                        const execution_limits& limits) {
    return machine->check(code.sandbox, limits);
  };
  sandbox_executor_config executor;
  executor.executor = instead ? std::move(instead) : executor_;
  executor.gate = gate_;
  executor.wall_clock = calendar_now;
  config.executors = [executor](caf::actor_system& system, std::size_t) {
    return spawn_sandbox_executor(system, executor);
  };
  return config;
}

std::optional<failure>
local_machine::sandbox_problem(const submission& task) const {
  for (const auto* code : {&task.spec.code, &task.spec.reduce_code}) {
    if (code->bundle.is_zero())
      continue;
    auto checked = executor_->check(code->sandbox, task.spec.limits);
    // What the workers refuse, they refuse by themselves.
    if (!checked && checked.error().code == errc::sandbox_unavailable)
      return checked.error();
  }
  return std::nullopt;
}

} // namespace artel::runtime
