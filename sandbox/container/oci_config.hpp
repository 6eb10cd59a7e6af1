// The config.json of one container, as the OCI runtime specification has it:
// what a program sees, and nothing else of this machine.
#pragma once

#include "sandbox/process/bubblewrap.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/types.h>

namespace artel::sandbox {

enum class container_privilege : std::uint8_t {
  /// The runtime runs without rights, the program as user 0 of a user namespace
  /// that stands for the runtime's own user.
  rootless = 1,
  /// The runtime runs as root, the program as sandbox_user without a user
  /// namespace.
  root = 2,
};

struct container_plan {
  /// Program, limits, bundle and input. Its bubblewrap and system_options mean
  /// nothing here.
  sandbox_plan sandbox;
  /// With mount points for all that follows.
  std::filesystem::path rootfs;
  /// Of the machine, where the root file system is not of the bundle.
  std::vector<shown_path> system;
  container_privilege privilege = container_privilege::rootless;
  /// Who runs the runtime, where it is rootless.
  uid_t user = 0;
  gid_t group = 0;
};

/// Root read-only, no capabilities, no new privileges, namespaces of all kinds
/// and so no network, the system calls of filter_rules(); artel-shim is process
/// 1 and reports on descriptor 3.
std::string container_config(const container_plan& plan);

} // namespace artel::sandbox
