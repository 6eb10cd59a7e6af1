// All that this machine can run: kernels in this process, programs, WebAssembly
// modules and containers in their sandboxes.
#pragma once

#include "sandbox/executor.hpp"
#include "sandbox/kernels/kernels.hpp"
#include "sandbox/process/process_sandbox.hpp"
#include "sandbox/sandbox_policy.hpp"

#include <array>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>

namespace artel::sandbox {

struct local_config {
  process_config process;
  sandbox_policy policy;
  /// Where compiled modules are kept for later starts; empty: only for as long
  /// as this object lives.
  std::filesystem::path cache_directory;
};

/// May be used by several threads at once. What a kind of sandbox needs is set
/// up when it is first asked for.
class local_executor final : public executor {
public:
  explicit local_executor(local_config config);
  ~local_executor() override;

  run_result execute(const run_request& request, std::stop_token stop) override;

  /// Whether such code can be run here within the policy. The first call for a
  /// kind makes a trial run; sandbox_unavailable says what is missing and what
  /// to do, refused what the policy forbids.
  result<void> check(const sandbox_terms& terms,
                     const execution_limits& limits);

  /// What processes, modules and containers share; the reason where this
  /// machine has no process sandbox.
  result<std::shared_ptr<process_sandbox>> processes();

private:
  struct part {
    std::once_flag made;
    std::shared_ptr<executor> runs;
    std::optional<failure> problem;
  };

  result<std::shared_ptr<executor>> executor_for(sandbox_kind kind);
  result<std::shared_ptr<executor>> make(sandbox_kind kind);

  local_config config_;
  kernel_executor kernels_;
  std::once_flag processes_made_;
  std::shared_ptr<process_sandbox> processes_;
  std::optional<failure> processes_problem_;
  /// By kind.
  std::array<part, 3> parts_;
};

} // namespace artel::sandbox
