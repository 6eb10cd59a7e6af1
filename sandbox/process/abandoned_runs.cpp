#include "sandbox/process/abandoned_runs.hpp"

#include "sandbox/descriptor.hpp"
#include "sandbox/process/spawn.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <chrono>
#include <string>
#include <string_view>
#include <system_error>
#include <vector>

#include <poll.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// For killed processes to be gone.
constexpr std::chrono::milliseconds patience{1'000};
/// A program may fork between two looks; its first process dies in the first.
constexpr int looks_max = 10;

/// What a sandbox is started by, as the first argument ends.
constexpr std::array<std::string_view, 3> launchers = {"bwrap", "runc", "crun"};

struct search {
  std::string directory;
  /// Its last component, behind a slash.
  std::string name;
  /// Where our own mounts show the name, every process does: mounts prove
  /// nothing then.
  bool by_mounts = true;
};

bool is_part_of_name(char letter) {
  return std::isalnum(static_cast<unsigned char>(letter)) || letter == '-'
         || letter == '_' || letter == '.';
}

/// Whether the text has the path, not just a longer one that begins like it.
bool has_path(std::string_view text, std::string_view path) {
  for (auto at = text.find(path); at != text.npos;
       at = text.find(path, at + 1)) {
    auto end = at + path.size();
    if (end == text.size() || !is_part_of_name(text[end]))
      return true;
  }
  return false;
}

bool is_of_our_users(const std::string& process) {
  constexpr std::string_view label = "\nUid:\t";
  auto status = read_small_file(process + "/status");
  auto at = status.find(label);
  if (at == status.npos)
    return false;
  auto real = static_cast<uid_t>(-1);
  const auto* first = status.data() + at + label.size();
  std::from_chars(first, status.data() + status.size(), real);
  return real == ::getuid() || (::getuid() == 0 && real == sandbox_user);
}

bool is_launcher(std::string_view command) {
  auto program = command.substr(0, command.find('\0'));
  program.remove_prefix(program.rfind('/') + 1);
  return std::find(launchers.begin(), launchers.end(), program)
         != launchers.end();
}

/// Mounts show sources as seen from the root of their file system, which may be
/// anywhere above the directory: so the last component must do.
bool uses_directory(const std::string& process, const search& wanted) {
  if (!is_of_our_users(process))
    return false;
  if (wanted.by_mounts
      && has_path(read_small_file(process + "/mountinfo"), wanted.name))
    return true;
  auto command = read_small_file(process + "/cmdline");
  return is_launcher(command) && has_path(command, wanted.directory);
}

/// Handles of processes that were just told to die.
std::vector<descriptor> kill_those_found(const search& wanted) {
  std::vector<descriptor> killed;
  std::error_code ignored;
  for (fs::directory_iterator entry{"/proc", ignored}, end; entry != end;
       entry.increment(ignored)) {
    auto name = entry->path().filename().string();
    if (!std::all_of(name.begin(), name.end(), is_part_of_name)
        || !std::isdigit(static_cast<unsigned char>(name.front())))
      continue;
    pid_t id = 0;
    std::from_chars(name.data(), name.data() + name.size(), id);
    if (id == ::getpid() || !uses_directory(entry->path(), wanted))
      continue;
    descriptor handle{static_cast<int>(::syscall(SYS_pidfd_open, id, 0))};
    // Between the look and the handle the id may have gone to another; what a
    // second look shows of the id is true of the handle, or that one is dead.
    if (handle.is_open() && uses_directory(entry->path(), wanted)
        && ::syscall(SYS_pidfd_send_signal, handle.number(), SIGKILL, nullptr,
                     0)
             == 0)
      killed.push_back(std::move(handle));
  }
  return killed;
}

void wait_for_end(const std::vector<descriptor>& killed,
                  std::chrono::steady_clock::time_point deadline) {
  for (const auto& handle : killed) {
    auto left = std::chrono::ceil<std::chrono::milliseconds>(
      deadline - std::chrono::steady_clock::now());
    pollfd ended{handle.number(), POLLIN, 0};
    ::poll(&ended, 1, std::max(0, static_cast<int>(left.count())));
  }
}

} // namespace

std::size_t kill_abandoned_runs(const fs::path& directory) {
  auto plain = directory.lexically_normal();
  if (!plain.has_filename())
    plain = plain.parent_path();
  if (!plain.is_absolute() || !plain.has_filename())
    return 0;
  search wanted{plain, "/" + plain.filename().string(), true};
  wanted.by_mounts =
    !has_path(read_small_file("/proc/self/mountinfo"), wanted.name);
  auto deadline = std::chrono::steady_clock::now() + patience;
  std::size_t count = 0;
  for (int look = 0;
       look < looks_max && std::chrono::steady_clock::now() < deadline;
       ++look) {
    auto killed = kill_those_found(wanted);
    if (killed.empty())
      break;
    count += killed.size();
    wait_for_end(killed, deadline);
  }
  return count;
}

} // namespace artel::sandbox
