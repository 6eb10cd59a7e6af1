// Which container runtime works on this machine, and how: told by trying.
#pragma once

#include "sandbox/container/container_host.hpp"

namespace artel::sandbox {

/// Runs /bin/true in a container with runc and with crun, whichever are there:
/// rootless first (root gives up its rights for that), then, for root, as root.
/// The first that works. sandbox_unavailable says what each said, and what to
/// do.
result<container_runtime> choose_runtime(container_host& host);

} // namespace artel::sandbox
