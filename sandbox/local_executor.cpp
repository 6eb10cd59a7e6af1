#include "sandbox/local_executor.hpp"

#include "sandbox/container/container_executor.hpp"
#include "sandbox/process/process_executor.hpp"
#include "sandbox/process/run_verdict.hpp"
#include "sandbox/wasm/wasm_executor.hpp"

#include <string>
#include <utility>

namespace artel::sandbox {

namespace {

/// Runs /bin/true: all that a machine must have to run anything.
result<void> try_process_sandbox(process_sandbox& sandbox) {
  program_run trial;
  trial.program = "/bin/true";
  trial.name = trial.program;
  auto outcome = sandbox.run(trial, {});
  if (outcome.outcome == run_outcome::completed)
    return {};
  return {errc::sandbox_unavailable,
          "a trial run of /bin/true in the process sandbox failed: "
            + outcome.detail};
}

template <class Executor>
result<std::shared_ptr<executor>> shared(result<Executor> made) {
  if (!made)
    return made.error();
  return std::shared_ptr<executor>{std::move(*made)};
}

} // namespace

local_executor::local_executor(local_config config)
  : config_(std::move(config)) {
  config_.process.isolation = config_.policy.isolation;
}

local_executor::~local_executor() = default;

result<std::shared_ptr<process_sandbox>> local_executor::processes() {
  std::call_once(processes_made_, [this] {
    auto made = process_sandbox::make(config_.process);
    if (!made) {
      processes_problem_ = made.error();
      return;
    }
    if (auto works = try_process_sandbox(**made); !works)
      processes_problem_ = works.error();
    processes_ = std::move(*made);
  });
  if (processes_problem_)
    return *processes_problem_;
  return processes_;
}

result<std::shared_ptr<executor>> local_executor::make(sandbox_kind kind) {
  auto sandbox = processes();
  if (!sandbox)
    return sandbox.error();
  switch (kind) {
    case sandbox_kind::wasm:
      return shared(wasm_executor::make(*sandbox, config_.cache_directory));
    case sandbox_kind::container:
      return shared(container_executor::make(*sandbox));
    case sandbox_kind::process: break;
  }
  return std::shared_ptr<executor>{
    std::make_shared<process_executor>(std::move(*sandbox))};
}

result<std::shared_ptr<executor>>
local_executor::executor_for(sandbox_kind kind) {
  auto& wanted = parts_[static_cast<std::size_t>(kind) - 1];
  std::call_once(wanted.made, [&] {
    auto made = make(kind);
    if (made)
      wanted.runs = std::move(*made);
    else
      wanted.problem = made.error();
  });
  if (wanted.problem)
    return *wanted.problem;
  return wanted.runs;
}

result<void> local_executor::check(const sandbox_terms& terms,
                                   const execution_limits& limits) {
  if (auto admitted = admit(config_.policy, terms, limits); !admitted)
    return admitted;
  auto found = executor_for(terms.kind);
  if (!found)
    return found.error();
  if (terms.kind != sandbox_kind::wasm)
    return {};
  return static_cast<wasm_executor&>(**found).check(terms.tier);
}

run_result local_executor::execute(const run_request& request,
                                   std::stop_token stop) {
  if (!request.kernel.empty() && request.bundle)
    return failed_run(run_outcome::exec_failed,
                      "kernel '" + request.kernel
                        + "' and a code bundle are given; expected one of"
                          " them");
  if (!request.bundle)
    return kernels_.execute(request, std::move(stop));
  if (auto admitted = admit(config_.policy, request.sandbox, request.limits);
      !admitted)
    return failed_run(run_outcome::sandbox_unavailable,
                      admitted.error().message);
  auto found = executor_for(request.sandbox.kind);
  if (!found)
    return failed_run(run_outcome::sandbox_unavailable, found.error().message);
  return (*found)->execute(request, std::move(stop));
}

} // namespace artel::sandbox
