#include "sandbox/process/control_group.hpp"

#include <algorithm>
#include <cassert>
#include <iterator>
#include <limits>
#include <utility>

#include <fcntl.h>

namespace artel::sandbox {

namespace {

/// Kept for the next runs; above what most machines run at once.
constexpr std::size_t idle_max = 32;
/// How many idle groups one acquire looks at before it makes a new one.
constexpr std::size_t looks_max = 4;
/// A group counts as clean below this. Its counters run ahead by up to 256 KiB
/// a core, and the kernel keeps some tables of a dead run for a while.
constexpr std::uint64_t clean_bytes_max = 2u << 20;
/// bubblewrap and artel-shim take about 2 MiB while they set a run up; the rest
/// is for what a clean group may hold.
constexpr std::uint64_t sandbox_bytes = 4u << 20;
/// bubblewrap outside, artel-shim inside.
constexpr std::uint32_t sandbox_processes = 2;
constexpr milliseconds kill_patience{2'000};

std::uint64_t add_saturated(std::uint64_t a, std::uint64_t b) {
  auto most = std::numeric_limits<std::uint64_t>::max();
  return a > most - b ? most : a + b;
}

/// Zero stands for no bound.
bool bound_memory(const control_place& place, std::uint64_t bytes) {
  // The kernel counts in signed 64 bits.
  constexpr auto most =
    static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  bool unbound = bytes == 0 || bytes > most;
  if (place.version == 2) {
    // Absent where the kernel has no swap.
    write_control(place.memory + "/memory.swap.max", "0");
    return write_control(place.memory + "/memory.max",
                         unbound ? "max" : std::to_string(bytes));
  }
  auto text = unbound ? std::string{"-1"} : std::to_string(bytes);
  auto memory = place.memory + "/memory.limit_in_bytes";
  auto with_swap = place.memory + "/memory.memsw.limit_in_bytes";
  // The second may never be below the first: which goes first depends on
  // whether they rise or fall.
  if (!write_control(memory, text)
      && !(write_control(with_swap, text) && write_control(memory, text)))
    return false;
  write_control(with_swap, text);
  return true;
}

bool bound_processes(const control_place& place, std::uint32_t count) {
  return place.pids.empty()
         || write_control(place.pids + "/pids.max", std::to_string(count));
}

bool bound_cpu(const control_place& place, std::uint32_t permille) {
  constexpr std::uint64_t period_us = 100'000;
  auto quota = std::to_string(period_us / 1'000 * permille);
  auto period = std::to_string(period_us);
  if (place.version == 2)
    return write_control(place.cpu + "/cpu.max", quota + " " + period);
  return write_control(place.cpu + "/cpu.cfs_period_us", period)
         && write_control(place.cpu + "/cpu.cfs_quota_us", quota);
}

std::uint64_t memory_in_use(const control_place& place) {
  return read_control(place.memory
                      + (place.version == 2 ? "/memory.current"
                                            : "/memory.usage_in_bytes"))
    .value_or(0);
}

} // namespace

/// A group's directories, in use or idle.
struct control_group::slot {
  control_place place;
  std::vector<descriptor> join_files;
  std::vector<int> join_numbers;
  /// As last set; zero where that isn't known.
  group_bounds applied;

  /// False where the kernel refuses, as it does where more memory is in use
  /// than it can take back.
  bool apply(const group_bounds& wanted) {
    if (applied.memory_bytes != wanted.memory_bytes
        && !bound_memory(place, wanted.memory_bytes))
      return false;
    if (applied.processes != wanted.processes
        && !bound_processes(place, wanted.processes))
      return false;
    applied = wanted;
    // The peak starts anew. Version 2 can't do so: its groups are used once.
    return place.version == 2
           || write_control(place.memory + "/memory.max_usage_in_bytes", "0");
  }

  bool kill() {
    if (processes_in(place).empty())
      return true;
    // Killing sets pids.max to zero.
    applied.processes = 0;
    return kill_processes(place, kill_patience);
  }

  bool fit_for_another() const {
    auto all = place.directories();
    return place.version != 2
           && std::all_of(all.begin(), all.end(), [](const auto& directory) {
                return groups_below(directory).empty();
              });
  }
};

group_bounds bounds_of(const execution_limits& limits) {
  auto memory = add_saturated(limits.memory_bytes, sandbox_bytes);
  memory = add_saturated(memory, limits.work_directory_bytes);
  memory = add_saturated(memory, limits.output_files_bytes);
  auto processes =
    std::min(limits.processes,
             std::numeric_limits<std::uint32_t>::max() - sandbox_processes);
  return {memory, processes + sandbox_processes};
}

control_group::control_group(control_groups& owner, std::unique_ptr<slot> held)
  : owner_(owner),
    slot_(std::move(held)) {
  out_of_memory_before_ = count_out_of_memory();
  cpu_time_before_ = count_cpu_time();
}

control_group::~control_group() {
  owner_.release(std::move(slot_));
}

const std::vector<int>& control_group::join_descriptors() const noexcept {
  return slot_->join_numbers;
}

const control_place& control_group::place() const noexcept {
  return slot_->place;
}

bool control_group::out_of_memory() const {
  return count_out_of_memory() > out_of_memory_before_;
}

std::uint64_t control_group::count_out_of_memory() const {
  const auto& memory = slot_->place.memory;
  if (slot_->place.version == 2)
    return read_control(memory + "/memory.events", "oom_kill").value_or(0);
  constexpr std::string_view file = "/memory.oom_control";
  auto count = read_control(memory + std::string{file}, "oom_kill").value_or(0);
  // Version 1 doesn't tell a group of those below it.
  for (const auto& group : groups_below(memory))
    count += read_control(group + std::string{file}, "oom_kill").value_or(0);
  return count;
}

std::uint64_t control_group::memory_peak_bytes() const {
  const auto& place = slot_->place;
  if (place.version != 2)
    return read_control(place.memory + "/memory.max_usage_in_bytes")
      .value_or(0);
  // From Linux 5.19 on.
  auto peak = read_control(place.memory + "/memory.peak");
  return peak ? *peak : memory_now_bytes();
}

std::uint64_t control_group::memory_now_bytes() const {
  return memory_in_use(slot_->place);
}

std::optional<microseconds> control_group::cpu_time() const {
  if (slot_->place.cpuacct.empty())
    return std::nullopt;
  return microseconds{count_cpu_time() - cpu_time_before_};
}

std::uint64_t control_group::count_cpu_time() const {
  const auto& place = slot_->place;
  if (place.cpuacct.empty())
    return 0;
  if (place.version == 2)
    return read_control(place.cpuacct + "/cpu.stat", "usage_usec").value_or(0);
  constexpr std::uint64_t nanoseconds_a_microsecond = 1'000;
  return read_control(place.cpuacct + "/cpuacct.usage").value_or(0)
         / nanoseconds_a_microsecond;
}

void control_group::kill_all() {
  slot_->kill();
}

control_groups::control_groups(control_share made) : share_(std::move(made)) {
  // nop
}

control_groups::~control_groups() {
  idle_.clear();
  stuck_.clear();
  remove_control_share(share_);
}

result<std::unique_ptr<control_groups>>
control_groups::make(const share& bounds) {
  auto made = make_control_share();
  if (!made)
    return made.error();
  std::unique_ptr<control_groups> groups{new control_groups{std::move(*made)}};
  if (auto bound = groups->bound_share(bounds); !bound)
    return bound.error();
  // One tried now: what can't be had should show at the start.
  if (auto tried = groups->acquire(bounds_of({})); !tried)
    return failure{errc::sandbox_unavailable, tried.error().message};
  return groups;
}

result<void> control_groups::bound_share(const share& bounds) {
  const auto& place = share_.place;
  if (bounds.memory_bytes > 0 && !bound_memory(place, bounds.memory_bytes))
    return {errc::sandbox_unavailable, "cannot limit memory in control group '"
                                         + place.memory
                                         + "': " + error_text(errno)};
  if (bounds.cpu_permille > 0 && has_cpu()
      && !bound_cpu(place, bounds.cpu_permille))
    return {errc::sandbox_unavailable,
            "cannot limit processor time in control group '" + place.cpu
              + "': " + error_text(errno)};
  return {};
}

std::string control_groups::describe() const {
  auto text = "cgroup v" + std::to_string(share_.place.version) + ": memory";
  if (has_pids())
    text += ", pids";
  if (has_cpu())
    text += ", cpu";
  return text;
}

result<std::unique_ptr<control_groups::slot>> control_groups::make_slot() {
  std::uint64_t number = 0;
  {
    std::lock_guard guard{mutex_};
    number = ++slots_made_;
  }
  auto made = std::make_unique<slot>();
  made->place = share_.place.below("run-" + std::to_string(number));
  if (auto directories = make_directories(made->place); !directories)
    return directories.error();
  for (const auto& directory : made->place.directories()) {
    auto path = directory + "/cgroup.procs";
    descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
    if (!file.is_open()) {
      auto problem = system_error("cannot open '" + path + "'");
      remove_directories(made->place);
      return problem;
    }
    made->join_numbers.push_back(file.number());
    made->join_files.push_back(std::move(file));
  }
  return made;
}

std::unique_ptr<control_groups::slot> control_groups::take_clean_slot() {
  std::lock_guard guard{mutex_};
  auto end = idle_.begin()
             + static_cast<std::ptrdiff_t>(std::min(idle_.size(), looks_max));
  // A dead run's tmpfs goes some milliseconds after its processes.
  auto found = std::find_if(idle_.begin(), end, [](const auto& held) {
    return memory_in_use(held->place) <= clean_bytes_max;
  });
  std::unique_ptr<slot> taken;
  if (found != end)
    taken = std::move(*found);
  // Those that weren't clean come last from now on.
  std::rotate(idle_.begin(), found, idle_.end());
  if (taken)
    idle_.erase(idle_.begin());
  return taken;
}

result<std::unique_ptr<control_group>>
control_groups::acquire(const group_bounds& bounds) {
  assert(bounds.memory_bytes > 0 && bounds.processes > 0);
  auto held = take_clean_slot();
  if (held && !held->apply(bounds)) {
    remove_directories(held->place);
    held.reset();
  }
  if (!held) {
    auto made = make_slot();
    if (!made)
      return made.error();
    held = std::move(*made);
    if (!held->apply(bounds)) {
      auto problem = system_error("cannot set the limits of control group '"
                                  + held->place.memory + "'");
      remove_directories(held->place);
      return problem;
    }
  }
  return std::unique_ptr<control_group>{
    new control_group{*this, std::move(held)}};
}

void control_groups::release(std::unique_ptr<slot> used) {
  bool empty = used->kill();
  std::vector<std::unique_ptr<slot>> unwanted;
  {
    std::lock_guard guard{mutex_};
    unwanted = std::move(stuck_);
    stuck_.clear();
    if (!empty || !used->fit_for_another()) {
      unwanted.push_back(std::move(used));
    } else {
      idle_.push_back(std::move(used));
      if (idle_.size() > idle_max) {
        unwanted.push_back(std::move(idle_.front()));
        idle_.erase(idle_.begin());
      }
    }
  }
  std::erase_if(
    unwanted, [](const auto& held) { return remove_directories(held->place); });
  std::lock_guard guard{mutex_};
  stuck_.insert(stuck_.end(), std::make_move_iterator(unwanted.begin()),
                std::make_move_iterator(unwanted.end()));
}

} // namespace artel::sandbox
