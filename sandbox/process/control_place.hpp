// Where a control group lies and what can be done there: its directories in the
// hierarchies of version 1, or the one of version 2. No state, no locks.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

namespace artel::sandbox {

/// One group's directory for each controller, empty where it can't be had.
/// Controllers share a directory where they share a hierarchy.
struct control_place {
  int version = 1;
  std::string memory;
  std::string pids;
  std::string cpu;
  std::string cpuacct;

  /// Each once, that of memory first.
  std::vector<std::string> directories() const;
  /// The group of that name right below this one.
  control_place below(std::string_view name) const;

  bool operator==(const control_place&) const = default;
};

/// The group that this process is in, out of the texts of /proc/self/mountinfo
/// and /proc/self/cgroup. Version 1 wherever that has memory. Of version 2 it
/// fills in memory only: whether that is there, its files tell.
/// sandbox_unavailable where no hierarchy with memory can be reached.
result<control_place> find_own_place(std::string_view mountinfo,
                                     std::string_view own_groups);

/// Makes the group; leaves nothing behind where that fails.
result<void> make_directories(const control_place& place);

/// Removes it with all groups below. False where something is left, be it that
/// processes live there.
bool remove_directories(const control_place& place);

/// Ids of the processes in the group and all groups below it, as this process
/// sees them; each once.
std::vector<pid_t> processes_in(const control_place& place);

/// Kills them all. False where some live on after that time. Forbids forks
/// there, where it can, before it kills.
bool kill_processes(const control_place& place, milliseconds patience);

/// The groups below a directory, deepest first.
std::vector<std::string> groups_below(const std::string& directory);

/// False, and errno, where the kernel refuses.
bool write_control(const std::string& path, std::string_view text);

/// The number that a file holds; nothing where there is none, as for "max".
std::optional<std::uint64_t> read_control(const std::string& path);

/// The number behind a key, in a file of lines "key number".
std::optional<std::uint64_t> read_control(const std::string& path,
                                          std::string_view key);

} // namespace artel::sandbox
