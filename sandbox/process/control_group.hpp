// Control groups of the kernel: each bounds all processes of one run together,
// what they hold in memfds and tmpfs included, and kills them together. Works
// with version 1 and version 2. Where none can be had, make() tells why.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/task/execution_limits.hpp"
#include "sandbox/descriptor.hpp"
#include "sandbox/process/control_share.hpp"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace artel::sandbox {

/// What one group allows. Memory counts all that the kernel charges: pages,
/// memfds, tmpfs, its own tables, and files read, which it takes back first.
struct group_bounds {
  std::uint64_t memory_bytes = 0;
  /// Threads count, too.
  std::uint32_t processes = 0;

  bool operator==(const group_bounds&) const = default;
};

/// What a run with these limits needs in all: its memory, what it may leave in
/// its directories, which are memory, and what the sandbox itself takes.
group_bounds bounds_of(const execution_limits& limits);

class control_groups;

/// One run's group. Any thread may ask it; one destroys it.
class control_group {
public:
  ~control_group();
  control_group(const control_group&) = delete;
  control_group& operator=(const control_group&) = delete;

  /// Open for writing: a child joins by writing "0" to each, in this order,
  /// before it gives up root. Plain write() calls do.
  const std::vector<int>& join_descriptors() const noexcept;

  /// Whether the kernel has killed a process of the group for want of memory.
  bool out_of_memory() const;
  std::uint64_t memory_peak_bytes() const;
  std::uint64_t memory_now_bytes() const;
  /// Of the living and the dead; nothing where the kernel doesn't count it.
  std::optional<microseconds> cpu_time() const;

  /// Kills all processes in the group and in groups below it; returns when
  /// they are gone, or after two seconds.
  void kill_all();

  /// Where it lies, for programs that make groups below it.
  const control_place& place() const noexcept;

private:
  friend class control_groups;
  struct slot;

  control_group(control_groups& owner, std::unique_ptr<slot> held);
  std::uint64_t count_out_of_memory() const;
  std::uint64_t count_cpu_time() const;

  control_groups& owner_;
  std::unique_ptr<slot> slot_;
  /// What a group in its second use had counted before.
  std::uint64_t out_of_memory_before_ = 0;
  std::uint64_t cpu_time_before_ = 0;
};

/// All groups of this process, below one that bounds them together. Must
/// outlive what it gave out. Thread-safe.
class control_groups {
public:
  /// This machine's share for all runs.
  struct share {
    /// Zero: no bound.
    std::uint64_t memory_bytes = 0;
    /// 1000 is one core; zero: no bound.
    std::uint32_t cpu_permille = 0;
  };

  /// Makes the group that holds all others. Kills and removes what dead
  /// processes of artel left beside it. sandbox_unavailable, with the reason,
  /// where there are no groups, or none with memory, that this process may use.
  static result<std::unique_ptr<control_groups>> make(const share& bounds);

  /// Kills what is left, and removes all groups.
  ~control_groups();
  control_groups(const control_groups&) = delete;
  control_groups& operator=(const control_groups&) = delete;

  bool has_pids() const noexcept { return !share_.place.pids.empty(); }
  bool has_cpu() const noexcept { return !share_.place.cpu.empty(); }
  /// As "cgroup v1: memory, pids, cpu".
  std::string describe() const;
  const control_place& place() const noexcept { return share_.place; }

  /// An empty group with these bounds. Processes are bound only where
  /// has_pids(). What an earlier run left charged never counts.
  result<std::unique_ptr<control_group>> acquire(const group_bounds& bounds);

private:
  friend class control_group;
  using slot = control_group::slot;

  explicit control_groups(control_share made);
  result<void> bound_share(const share& bounds);
  result<std::unique_ptr<slot>> make_slot();
  std::unique_ptr<slot> take_clean_slot();
  void release(std::unique_ptr<slot> used);

  control_share share_;
  std::mutex mutex_;
  std::uint64_t slots_made_ = 0;
  /// Released ones, the longest ago first.
  std::vector<std::unique_ptr<slot>> idle_;
  /// With processes that would not die; looked at again at each release.
  std::vector<std::unique_ptr<slot>> stuck_;
};

} // namespace artel::sandbox
