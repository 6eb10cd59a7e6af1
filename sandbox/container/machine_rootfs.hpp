// A root file system with nothing in it but mount points, for containers that
// use this machine's programs.
#pragma once

#include "protocol/core/result.hpp"
#include "sandbox/process/bubblewrap.hpp"

#include <filesystem>
#include <vector>

namespace artel::sandbox {

/// Makes the directory; gives what is to be mounted there: /usr, and /bin, /lib
/// and so on where they are no links into it here.
result<std::vector<shown_path>>
make_machine_rootfs(const std::filesystem::path& directory);

} // namespace artel::sandbox
