#include "sandbox/process/control_place.hpp"

#include "sandbox/descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <filesystem>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

std::vector<std::string_view> split(std::string_view text, char separator) {
  std::vector<std::string_view> parts;
  while (!text.empty()) {
    auto end = std::min(text.find(separator), text.size());
    parts.push_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

bool holds(const std::vector<std::string_view>& words, std::string_view word) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// mountinfo writes blanks and the like as a backslash and three octal digits.
std::string unescape(std::string_view text) {
  std::string plain;
  for (std::size_t i = 0; i < text.size(); ++i) {
    unsigned char code = 0;
    const auto* digits = text.data() + i + 1;
    if (text[i] == '\\' && i + 3 < text.size()
        && std::from_chars(digits, digits + 3, code, 8).ptr == digits + 3) {
      plain += static_cast<char>(code);
      i += 3;
    } else {
      plain += text[i];
    }
  }
  return plain;
}

/// One mount of a hierarchy; see proc(5), "mountinfo".
struct hierarchy_mount {
  bool unified = false;
  /// The group that the mount shows at its point.
  std::string root;
  std::string point;
  std::string options;
};

std::vector<hierarchy_mount> hierarchy_mounts(std::string_view mountinfo) {
  constexpr std::size_t root_field = 3;
  constexpr std::size_t point_field = 4;
  std::vector<hierarchy_mount> mounts;
  for (auto line : split(mountinfo, '\n')) {
    auto words = split(line, ' ');
    auto dash = std::find(words.begin(), words.end(), "-");
    if (dash - words.begin() <= static_cast<std::ptrdiff_t>(point_field)
        || std::distance(dash, words.end()) < 4)
      continue;
    auto type = dash[1];
    if (type == "cgroup" || type == "cgroup2")
      mounts.push_back({type == "cgroup2", unescape(words[root_field]),
                        unescape(words[point_field]), std::string{dash[3]}});
  }
  return mounts;
}

/// Where a mount shows the group; empty where it doesn't.
std::string path_in(const hierarchy_mount& mount, std::string_view group) {
  auto root = mount.root == "/" ? std::string_view{} : mount.root;
  // Groups outside our namespace are shown as "/..".
  if (!group.starts_with(root) || root.starts_with("/..")
      || group.starts_with("/.."))
    return {};
  group.remove_prefix(root.size());
  if (!group.empty() && group.front() != '/')
    return {};
  return mount.point + std::string{group == "/" ? std::string_view{} : group};
}

/// The group's path in the hierarchy of a controller of version 1, or, for an
/// empty controller, in version 2.
std::optional<std::string_view> group_of(std::string_view own_groups,
                                         std::string_view controller) {
  for (auto line : split(own_groups, '\n')) {
    auto first = line.find(':');
    auto second = line.find(':', first + 1);
    if (first == line.npos || second == line.npos)
      continue;
    auto controllers = line.substr(first + 1, second - first - 1);
    if (controller.empty() ? controllers.empty()
                           : holds(split(controllers, ','), controller))
      return line.substr(second + 1);
  }
  return std::nullopt;
}

std::string directory_of(const std::vector<hierarchy_mount>& mounts,
                         std::string_view own_groups,
                         std::string_view controller) {
  auto group = group_of(own_groups, controller);
  if (!group)
    return {};
  for (const auto& mount : mounts) {
    if (mount.unified != controller.empty()
        || (!mount.unified && !holds(split(mount.options, ','), controller)))
      continue;
    if (auto path = path_in(mount, *group); !path.empty())
      return path;
  }
  return {};
}

void append_processes(const std::string& directory, std::vector<pid_t>& found) {
  auto text = read_small_file(directory + "/cgroup.procs");
  for (auto line : split(text, '\n')) {
    pid_t id = 0;
    std::from_chars(line.data(), line.data() + line.size(), id);
    // Zero stands for those outside our process namespace.
    if (id > 0)
      found.push_back(id);
  }
}

/// Kills through handles: a process that ended may have lent its id to one
/// that is none of ours. A handle opened before the second look, and an id that
/// is still in the group then, can't be such a one.
void kill_once(const control_place& place) {
  std::vector<std::pair<pid_t, descriptor>> handles;
  for (auto id : processes_in(place)) {
    descriptor handle{static_cast<int>(::syscall(SYS_pidfd_open, id, 0))};
    if (handle.is_open())
      handles.emplace_back(id, std::move(handle));
  }
  auto still = processes_in(place);
  for (const auto& [id, handle] : handles)
    if (std::binary_search(still.begin(), still.end(), id))
      ::syscall(SYS_pidfd_send_signal, handle.number(), SIGKILL, nullptr, 0);
}

void forbid_forks(const control_place& place) {
  if (place.pids.empty())
    return;
  for (const auto& group : groups_below(place.pids))
    write_control(group + "/pids.max", "0");
  write_control(place.pids + "/pids.max", "0");
}

} // namespace

std::vector<std::string> control_place::directories() const {
  std::vector<std::string> all;
  for (const auto* directory : {&memory, &pids, &cpu, &cpuacct})
    if (!directory->empty()
        && std::find(all.begin(), all.end(), *directory) == all.end())
      all.push_back(*directory);
  return all;
}

control_place control_place::below(std::string_view name) const {
  auto place = *this;
  for (auto* directory :
       {&place.memory, &place.pids, &place.cpu, &place.cpuacct})
    if (!directory->empty())
      directory->append("/").append(name);
  return place;
}

result<control_place> find_own_place(std::string_view mountinfo,
                                     std::string_view own_groups) {
  auto mounts = hierarchy_mounts(mountinfo);
  control_place place;
  if (group_of(own_groups, "memory")) {
    place.memory = directory_of(mounts, own_groups, "memory");
    place.pids = directory_of(mounts, own_groups, "pids");
    place.cpu = directory_of(mounts, own_groups, "cpu");
    place.cpuacct = directory_of(mounts, own_groups, "cpuacct");
  } else {
    place.version = 2;
    place.memory = directory_of(mounts, own_groups, {});
  }
  if (place.memory.empty())
    return {errc::sandbox_unavailable,
            "no control groups: of the hierarchies that are mounted here, none "
            "with a memory controller shows the group this process is in; "
            "mount /sys/fs/cgroup"};
  return place;
}

result<void> make_directories(const control_place& place) {
  std::vector<std::string> made;
  for (const auto& directory : place.directories()) {
    if (::mkdir(directory.c_str(), 0755) == 0) {
      made.push_back(directory);
      continue;
    }
    auto problem =
      system_error("cannot make control group '" + directory + "'");
    for (const auto& other : made)
      ::rmdir(other.c_str());
    return problem;
  }
  return {};
}

bool remove_directories(const control_place& place) {
  auto all = place.directories();
  bool gone = true;
  // Memory's last: while it is there, its maker counts as cleaning up.
  for (auto directory = all.rbegin(); directory != all.rend(); ++directory) {
    for (const auto& group : groups_below(*directory))
      ::rmdir(group.c_str());
    gone &= ::rmdir(directory->c_str()) == 0 || errno == ENOENT;
  }
  return gone;
}

std::vector<std::string> groups_below(const std::string& directory) {
  struct stat status {};
  std::vector<std::string> found;
  // Two links are its own; listing its many files costs more than a look.
  if (::stat(directory.c_str(), &status) != 0 || status.st_nlink == 2)
    return found;
  std::error_code ignored;
  for (fs::directory_iterator entry{directory, ignored}, end; entry != end;
       entry.increment(ignored)) {
    if (!entry->is_directory(ignored) || entry->is_symlink(ignored))
      continue;
    auto deeper = groups_below(entry->path());
    found.insert(found.end(), std::make_move_iterator(deeper.begin()),
                 std::make_move_iterator(deeper.end()));
    found.push_back(entry->path());
  }
  return found;
}

std::vector<pid_t> processes_in(const control_place& place) {
  std::vector<pid_t> found;
  for (const auto& directory : place.directories()) {
    append_processes(directory, found);
    for (const auto& group : groups_below(directory))
      append_processes(group, found);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

bool kill_processes(const control_place& place, milliseconds patience) {
  auto deadline = std::chrono::steady_clock::now() + patience;
  if (processes_in(place).empty())
    return true;
  forbid_forks(place);
  do {
    // Linux 5.14 kills a whole group of version 2 at once.
    if (place.version != 2
        || !write_control(place.memory + "/cgroup.kill", "1"))
      kill_once(place);
    if (processes_in(place).empty())
      return true;
    std::this_thread::sleep_for(std::chrono::microseconds{500});
  } while (std::chrono::steady_clock::now() < deadline);
  return false;
}

bool write_control(const std::string& path, std::string_view text) {
  descriptor file{::open(path.c_str(), O_WRONLY | O_CLOEXEC)};
  if (!file.is_open())
    return false;
  ssize_t written = -1;
  do
    written = ::write(file.number(), text.data(), text.size());
  while (written < 0 && errno == EINTR);
  auto error = errno;
  file.close();
  errno = error;
  return written == static_cast<ssize_t>(text.size());
}

std::optional<std::uint64_t> read_control(const std::string& path) {
  auto text = read_small_file(path);
  std::uint64_t number = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), number).ec
      != std::errc{})
    return std::nullopt;
  return number;
}

std::optional<std::uint64_t> read_control(const std::string& path,
                                          std::string_view key) {
  auto text = read_small_file(path);
  for (auto line : split(text, '\n')) {
    auto words = split(line, ' ');
    std::uint64_t number = 0;
    if (words.size() == 2 && words[0] == key
        && std::from_chars(words[1].data(), words[1].data() + words[1].size(),
                           number)
               .ec
             == std::errc{})
      return number;
  }
  return std::nullopt;
}

} // namespace artel::sandbox
