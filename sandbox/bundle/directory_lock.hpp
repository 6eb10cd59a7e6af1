// Locks on directories that show that their maker lives: the kernel lets go of
// them when it dies.
#pragma once

#include "sandbox/descriptor.hpp"

#include <string>

#include <sys/types.h>

namespace artel::sandbox {

/// Open and locked; closed where there is no such directory, or another process
/// holds its lock. The child of a killed maker may hold it for a moment longer:
/// where no process with the maker's id is left, that is waited for.
descriptor lock_directory(const std::string& path, pid_t maker);

/// The number that follows the prefix in a name such as "artel-runs-42-x"; 0
/// where there is none.
pid_t maker_in_name(std::string_view name, std::string_view prefix);

} // namespace artel::sandbox
