// Runs single containers with a given runtime: the directories that takes, the
// start, and what is to be cleaned up after it.
#pragma once

#include "sandbox/container/oci_config.hpp"
#include "sandbox/executor.hpp"
#include "sandbox/process/process_sandbox.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <stop_token>
#include <string>
#include <vector>

namespace artel::sandbox {

struct container_runtime {
  std::filesystem::path path;
  /// "runc" or "crun".
  std::string name;
  /// As it says itself: "1.1.5+ds1".
  std::string version;
  container_privilege privilege = container_privilege::rootless;

  /// "runc 1.1.5+ds1, rootless"
  std::string describe() const;
};

/// May be used by several threads at once.
class container_host {
public:
  /// Makes its directories below that of the process sandbox, which it shares
  /// bundles, helpers and control groups with.
  static result<std::unique_ptr<container_host>>
  make(std::shared_ptr<process_sandbox> sandbox);

  /// The root file system is an unpacked one with mount points, or, where
  /// empty, made of this machine's /usr. Returns when the last process of the
  /// container is dead.
  run_result run(const container_runtime& runtime, const program_run& program,
                 const std::filesystem::path& rootfs, std::stop_token stop);

  /// Where root file systems may be unpacked.
  const std::filesystem::path& directory() const noexcept { return directory_; }

private:
  class run_directory;

  container_host(std::shared_ptr<process_sandbox> sandbox,
                 std::filesystem::path directory);

  result<void> make_directories();
  container_plan plan_for(const container_runtime& runtime,
                          const program_run& program,
                          const std::filesystem::path& rootfs) const;
  std::vector<std::string> runtime_command(const container_runtime& runtime,
                                           const run_directory* run) const;
  run_result start(const container_runtime& runtime, const program_run& program,
                   const container_plan& plan, std::stop_token stop);
  void remove_state(const container_runtime& runtime, const std::string& id);

  std::filesystem::path state_directory() const { return directory_ / "state"; }

  std::shared_ptr<process_sandbox> sandbox_;
  std::filesystem::path directory_;
  /// A root file system that the machine's /usr is mounted in.
  std::filesystem::path machine_rootfs_;
  std::vector<shown_path> machine_mounts_;
  std::atomic<std::uint64_t> next_run_{0};
};

} // namespace artel::sandbox
