// Ends sandboxed programs that a killed artel left running, where no control
// group tells which they are: they are known by the directory they use.
#pragma once

#include <cstddef>
#include <filesystem>

namespace artel::sandbox {

/// Kills the processes that still use a private directory whose owner is dead;
/// their number. Only those of this process's user or, for root, of
/// sandbox_user, and only those that see a mount out of the directory, or are a
/// sandbox program (bwrap, runc, crun) with it on its command line. Returns
/// when they are gone, or after a second. The directory's last name must be
/// unique on this machine: mounts are known by it alone.
std::size_t kill_abandoned_runs(const std::filesystem::path& directory);

} // namespace artel::sandbox
