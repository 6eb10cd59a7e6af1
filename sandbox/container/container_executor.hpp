// Runs native programs in containers, by runc or crun: on a root file system
// out of the bundle, or on this machine's /usr. The limits, process 1 and the
// system calls are those of the process sandbox.
#pragma once

#include "sandbox/container/container_host.hpp"
#include "sandbox/container/rootfs_store.hpp"
#include "sandbox/executor.hpp"

#include <memory>
#include <stop_token>

namespace artel::sandbox {

/// May be used by several threads at once.
class container_executor final : public executor {
public:
  /// Makes a trial run. sandbox_unavailable says what is missing and what to
  /// do.
  static result<std::unique_ptr<container_executor>>
  make(std::shared_ptr<process_sandbox> sandbox);

  run_result execute(const run_request& request, std::stop_token stop) override;

  const container_runtime& runtime() const noexcept { return runtime_; }

private:
  container_executor(std::unique_ptr<container_host> host,
                     container_runtime runtime);

  run_result run(const run_request& request, std::stop_token stop);

  std::unique_ptr<container_host> host_;
  container_runtime runtime_;
  rootfs_store root_file_systems_;
};

} // namespace artel::sandbox
