// Runs native programs behind bubblewrap: namespaces, a private work
// directory, no network, rlimits, a wall clock, output caps; the whole process
// tree dies with the run. Started as root, it runs them as an unprivileged
// user.
#pragma once

#include "sandbox/executor.hpp"
#include "sandbox/process/process_sandbox.hpp"

#include <memory>
#include <stop_token>

namespace artel::sandbox {

/// Tries a trivial run. sandbox_unavailable says what is missing and what to do
/// (install bubblewrap; allow user namespaces).
result<void> check_process_sandbox(const process_config& config);

/// May be used by several threads at once: each run has a directory of its own.
class process_executor final : public executor {
public:
  /// Resolves empty paths; system_failure or sandbox_unavailable otherwise.
  static result<std::unique_ptr<process_executor>> make(process_config config);

  explicit process_executor(std::shared_ptr<process_sandbox> shared)
    : sandbox_(std::move(shared)) {}

  run_result execute(const run_request& request, std::stop_token stop) override;

private:
  std::shared_ptr<process_sandbox> sandbox_;
};

/// The program that a request's bundle asks for: arguments filled in, data on
/// standard input or in a file. Refers to the request.
result<program_run> program_of(const run_request& request);

} // namespace artel::sandbox
