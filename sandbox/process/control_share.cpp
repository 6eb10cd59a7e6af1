#include "sandbox/process/control_share.hpp"

#include "sandbox/bundle/directory_lock.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <filesystem>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// artel-runs-PID-RANDOM: the id is for people, the rest makes sure that no
/// name comes twice, so that whoever looks at one looks at one group.
constexpr std::string_view share_prefix = "artel-runs-";
/// Where a process that had to make room for its groups went.
constexpr std::string_view self_prefix = "artel-self-";
constexpr std::size_t random_digits = 16;

/// For processes that were told to die to be gone.
constexpr milliseconds patience{2'000};

failure unavailable(std::string reason) {
  return {errc::sandbox_unavailable, std::move(reason)};
}

std::string fresh_name(std::string_view prefix) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<unsigned char, random_digits> random{};
  while (::getrandom(random.data(), random.size(), 0)
         != static_cast<ssize_t>(random.size()))
    continue;
  auto name = std::string{prefix} + std::to_string(::getpid()) + "-";
  for (auto byte : random)
    name += digits[byte % digits.size()];
  return name;
}

bool is_name(std::string_view name, std::string_view prefix) {
  if (!name.starts_with(prefix))
    return false;
  name.remove_prefix(prefix.size());
  auto dash = name.find('-');
  return dash != name.npos && dash > 0
         && name.substr(0, dash).find_first_not_of("0123456789") == name.npos
         && name.size() - dash - 1 == random_digits
         && name.find_first_not_of("0123456789abcdef", dash + 1) == name.npos;
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

/// Locks for all directories that are there; none where another holds one.
std::vector<descriptor> lock_all(const control_place& place) {
  auto maker =
    maker_in_name(fs::path{place.memory}.filename().string(), share_prefix);
  std::vector<descriptor> locks;
  for (const auto& directory : place.directories()) {
    auto lock = lock_directory(directory, maker);
    if (lock.is_open())
      locks.push_back(std::move(lock));
    else if (exists(directory))
      return {};
  }
  return locks;
}

/// Those of others can't be removed; nor may they be locked, for then their
/// owner would take them for a living one's.
bool is_ours(const control_place& place) {
  auto all = place.directories();
  return std::all_of(all.begin(), all.end(), [](const auto& directory) {
    struct stat status {};
    return ::lstat(directory.c_str(), &status) != 0
           || status.st_uid == ::geteuid();
  });
}

bool has_word(const std::string& path, std::string_view word) {
  auto text = " " + read_small_file(path);
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text.find(" " + std::string{word} + " ") != text.npos;
}

/// The group's processes but this one; those outside our process namespace,
/// too, which are listed as zero.
std::size_t others_in(const control_place& place) {
  std::istringstream listed{read_small_file(place.memory + "/cgroup.procs")};
  std::size_t count = 0;
  for (pid_t id = 0; listed >> id;)
    count += id == ::getpid() ? 0 : 1;
  return count;
}

/// Leaves the group for one below it.
result<void> step_aside(const control_place& place) {
  if (auto others = others_in(place); others > 0)
    return unavailable(
      "control group '" + place.memory + "' holds " + std::to_string(others)
      + " other process(es), and only one without can have limited groups "
        "below it; start artel in a group of its own, as by systemd-run "
        "--scope -p Delegate=yes");
  auto aside = place.memory + "/" + fresh_name(self_prefix);
  if (::mkdir(aside.c_str(), 0755) != 0)
    return unavailable("cannot make control group '" + aside
                       + "': " + error_text(errno));
  if (write_control(aside + "/cgroup.procs", "0"))
    return {};
  auto error = errno;
  ::rmdir(aside.c_str());
  return unavailable("cannot move this process to control group '" + aside
                     + "': " + error_text(error));
}

/// Makes a group of version 2 ready to have limited ones below it.
result<control_place> prepare_unified(control_place own) {
  fs::path path{own.memory};
  if (is_name(path.filename().string(), self_prefix))
    own.memory = path.parent_path();
  auto controllers = own.memory + "/cgroup.controllers";
  if (!has_word(controllers, "memory"))
    return unavailable("control group '" + own.memory
                       + "' has no memory controller; start artel in a group "
                         "that was delegated with one, as by systemd-run "
                         "--scope -p Delegate=yes");
  bool ready = hand_on(own, "memory");
  if (!ready && errno == EBUSY) {
    if (auto aside = step_aside(own); !aside)
      return aside.error();
    ready = hand_on(own, "memory");
  }
  if (!ready)
    return unavailable("cannot hand the memory controller on below control "
                       "group '"
                       + own.memory + "': " + error_text(errno)
                       + "; start artel in a group that was delegated to its "
                         "user, as by systemd-run --scope -p Delegate=yes");
  if (has_word(controllers, "pids") && hand_on(own, "pids"))
    own.pids = own.memory;
  if (has_word(controllers, "cpu") && hand_on(own, "cpu"))
    own.cpu = own.memory;
  // Version 2 counts processor time in every group.
  own.cpuacct = own.memory;
  return own;
}

/// Makes the group for the other controllers; those that refuse are left out.
void make_optional_directories(control_place& place) {
  for (auto* directory : {&place.pids, &place.cpu, &place.cpuacct})
    if (!directory->empty() && ::mkdir(directory->c_str(), 0755) != 0
        && !exists(*directory))
      directory->clear();
}

/// What must be set before groups exist below.
void prepare_share(const control_place& place) {
  if (place.version == 2) {
    if (!place.pids.empty())
      hand_on(place, "pids");
    if (!place.cpu.empty())
      hand_on(place, "cpu");
    return;
  }
  // Before Linux 5.11 a group's limit did not always hold for those below.
  write_control(place.memory + "/memory.use_hierarchy", "1");
  // Where swap isn't counted, a limit on memory alone would only swap out.
  if (!exists(place.memory + "/memory.memsw.limit_in_bytes"))
    write_control(place.memory + "/memory.swappiness", "0");
}

} // namespace

bool hand_on(const control_place& place, std::string_view controller) {
  return write_control(place.memory + "/cgroup.subtree_control",
                       "+" + std::string{controller});
}

result<control_share> make_control_share() {
  auto base = find_own_place(read_small_file("/proc/self/mountinfo"),
                             read_small_file("/proc/self/cgroup"));
  if (base && base->version == 2)
    base = prepare_unified(std::move(*base));
  if (!base)
    return base.error();
  remove_abandoned_shares(*base);
  for (;;) {
    control_share share{base->below(fresh_name(share_prefix)), {}};
    const auto& directory = share.place.memory;
    if (::mkdir(directory.c_str(), 0755) != 0)
      return unavailable("cannot make control group '" + directory
                         + "': " + error_text(errno)
                         + "; run artel as root, or in a group that was "
                           "delegated to its user");
    make_optional_directories(share.place);
    share.locks = lock_all(share.place);
    // Between its making and its lock a group looks abandoned, and another
    // start may have taken it for that.
    auto all = share.place.directories();
    if (share.locks.size() != all.size()
        || !std::all_of(all.begin(), all.end(), exists)) {
      remove_directories(share.place);
      continue;
    }
    prepare_share(share.place);
    if (share.place.version == 2 && !hand_on(share.place, "memory")) {
      auto error = errno;
      remove_control_share(share);
      return unavailable("cannot limit memory below control group '" + directory
                         + "': " + error_text(error));
    }
    return share;
  }
}

void remove_control_share(control_share& share) {
  using clock = std::chrono::steady_clock;
  auto deadline = clock::now() + patience;
  for (;;) {
    auto left =
      std::chrono::duration_cast<milliseconds>(deadline - clock::now());
    kill_processes(share.place, left);
    // A child whose parent was killed may still be on its way in; and what is
    // ending is no longer listed, but keeps its group.
    if (remove_directories(share.place) || clock::now() >= deadline)
      break;
    std::this_thread::sleep_for(milliseconds{1});
  }
  share.locks.clear();
}

std::size_t remove_abandoned_shares(const control_place& base) {
  std::set<std::string> names;
  for (const auto& directory : base.directories()) {
    std::error_code ignored;
    for (fs::directory_iterator entry{directory, ignored}, end; entry != end;
         entry.increment(ignored)) {
      auto name = entry->path().filename().string();
      if (is_name(name, share_prefix))
        names.insert(name);
      // Its maker's children may live there: only an empty one can go.
      else if (is_name(name, self_prefix))
        ::rmdir(entry->path().c_str());
    }
  }
  std::size_t count = 0;
  for (const auto& name : names) {
    control_share abandoned{base.below(name), {}};
    if (!is_ours(abandoned.place))
      continue;
    abandoned.locks = lock_all(abandoned.place);
    if (abandoned.locks.empty())
      continue;
    remove_control_share(abandoned);
    ++count;
  }
  return count;
}

} // namespace artel::sandbox
