#include "runtime/launch/state_directory.hpp"

#include "runtime/launch/file_lock.hpp"

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <string>
#include <system_error>

#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

/// Locks of files are a process's: two users of one process are told apart
/// here. With the process, since a child has a copy of this, and no lock.
std::mutex held_mutex;
std::map<fs::path, pid_t>& held_here() {
  static std::map<fs::path, pid_t> held;
  return held;
}

failure problem_with(const fs::path& path, int error) {
  return {errc::system_failure,
          "state directory '" + path.string() + "': " + std::strerror(error)};
}

failure in_use(const fs::path& path, pid_t holder) {
  return {errc::refused, "state directory '" + path.string()
                           + "' is in use by the node daemon with process id "
                           + std::to_string(holder)
                           + "; expected one of its own for each daemon"};
}

result<void> make_private(const fs::path& path) {
  std::error_code error;
  if (path.has_parent_path())
    fs::create_directories(path.parent_path(), error);
  if (::mkdir(path.c_str(), 0700) != 0 && errno != EEXIST)
    return problem_with(path, errno);
  struct stat found {};
  if (::stat(path.c_str(), &found) != 0)
    return problem_with(path, errno);
  if (!S_ISDIR(found.st_mode))
    return problem_with(path, ENOTDIR);
  if (found.st_uid != ::geteuid())
    return {errc::refused,
            "state directory '" + path.string()
              + "' belongs to another user; expected one of your own"};
  if ((found.st_mode & 077) != 0 && ::chmod(path.c_str(), 0700) != 0)
    return problem_with(path, errno);
  return {};
}

void write_holder(int lock) {
  auto text = std::to_string(::getpid()) + "\n";
  // For people; the lock itself is the kernel's.
  [[maybe_unused]] auto cut = ::ftruncate(lock, 0);
  [[maybe_unused]] auto written = ::pwrite(lock, text.data(), text.size(), 0);
}

} // namespace

result<std::unique_ptr<state_directory>>
state_directory::open(const fs::path& given) {
  if (auto made = make_private(given); !made)
    return made.error();
  std::error_code error;
  auto path = fs::canonical(given, error);
  if (error)
    return problem_with(given, error.value());
  std::lock_guard guard{held_mutex};
  auto known = held_here().find(path);
  if (known != held_here().end() && known->second == ::getpid())
    return in_use(path, known->second);
  auto lock = try_lock(path / "lock");
  if (!lock.file.is_open())
    return lock.error == EAGAIN ? in_use(path, lock.holder)
                                : problem_with(path, lock.error);
  write_holder(lock.file.number());
  held_here()[path] = ::getpid();
  return std::unique_ptr<state_directory>{
    new state_directory{std::move(path), std::move(lock.file)}};
}

state_directory::~state_directory() {
  std::lock_guard guard{held_mutex};
  held_here().erase(path_);
  lock_.close();
}

} // namespace artel::runtime
