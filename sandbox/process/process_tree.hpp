// What a process and all its descendants use at this moment, out of /proc.
#pragma once

#include <chrono>
#include <cstdint>

#include <sys/types.h>

namespace artel::sandbox {

struct tree_usage {
  /// Of the living, and of the dead that were waited for.
  std::chrono::microseconds cpu_time{0};
  /// What is resident; a page that several share counts for each of them.
  std::uint64_t memory_bytes = 0;
  std::uint32_t processes = 0;
};

/// Cheap; its memory is an upper bound.
tree_usage measure_tree(pid_t root);

/// What files in memory take that processes of the tree can reach: memfds, and
/// a kilobyte for each file in the sandbox's own directories, whose contents
/// have limits of their own. Not seen are memfds on their way through a socket.
std::uint64_t measure_files_in_memory(pid_t root);

/// Exact memory of the tree, files in memory included, each page counted once
/// in all; costs a walk over all pages. An upper bound where the kernel doesn't
/// tell.
std::uint64_t measure_memory_exactly(pid_t root);

/// Kills all below a process that is the reaper of what they leave behind, so
/// that none gets away by losing its parent. Gives up after a second or so.
void kill_descendants(pid_t root);

} // namespace artel::sandbox
