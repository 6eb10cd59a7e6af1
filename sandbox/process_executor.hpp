// Runs native programs behind bubblewrap: namespaces, a private work
// directory, no network, rlimits, a wall clock, output caps; the whole process
// tree dies with the run. Started as root, it runs them as an unprivileged
// user.
#pragma once

#include "sandbox/executor.hpp"
#include "sandbox/kernels.hpp"

#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>

namespace artel::sandbox {

/// Where the helpers are and where bundles are unpacked.
struct process_config {
  /// Absolute path of bwrap; found on PATH where empty.
  std::filesystem::path bubblewrap;
  /// Absolute path of artel-shim, which sets limits and reports how the program
  /// ended; found by find_helper("artel-shim") where empty.
  std::filesystem::path shim;
  /// Parent of the run directories; a fresh private directory below the
  /// system's temporary one where empty.
  std::filesystem::path work_root;
};

/// Where a helper program lies: beside the running binary (build tree), or in
/// ../libexec/artel from it (installed). not_found names both places.
result<std::filesystem::path> find_helper(std::string_view name);

/// Tries a trivial run. sandbox_unavailable says what is missing and what to do
/// (install bubblewrap; allow user namespaces).
result<void> check_process_sandbox(const process_config& config);

/// May be used by several threads at once: each run has a directory of its own.
class process_executor final : public executor {
public:
  /// Resolves empty paths; system_failure or sandbox_unavailable otherwise.
  static result<std::unique_ptr<process_executor>> make(process_config config);

  ~process_executor() override;

  run_result execute(const run_request& request, std::stop_token stop) override;

private:
  class workshop;

  explicit process_executor(std::unique_ptr<workshop> parts);

  /// Helpers, directories and unpacked bundles.
  std::unique_ptr<workshop> workshop_;
};

/// Kernels in this process, bundles behind the process sandbox.
/// processes may be null: then bundles end with sandbox_unavailable.
class combined_executor final : public executor {
public:
  combined_executor(std::shared_ptr<executor> processes, std::string why_not);

  run_result execute(const run_request& request, std::stop_token stop) override;

private:
  kernel_executor kernels_;
  std::shared_ptr<executor> processes_;
  std::string why_not_;
};

} // namespace artel::sandbox
