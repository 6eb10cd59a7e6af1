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

/// Exact memory of the tree, each page counted once in all; costs a walk over
/// all pages. An upper bound where the kernel doesn't tell.
std::uint64_t measure_memory_exactly(pid_t root);

} // namespace artel::sandbox
