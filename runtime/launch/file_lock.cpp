#include "runtime/launch/file_lock.hpp"

#include <cerrno>
#include <chrono>
#include <system_error>
#include <thread>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace artel::runtime {

namespace fs = std::filesystem;

namespace {

using clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds poll_interval{20};

/// False once whoever had the lock before has removed the name: others lock a
/// new file by now.
bool is_named(const sandbox::descriptor& file, const fs::path& path) {
  struct stat ours {};
  struct stat named {};
  return ::fstat(file.number(), &ours) == 0 && ::stat(path.c_str(), &named) == 0
         && ours.st_ino == named.st_ino && ours.st_dev == named.st_dev;
}

failure busy(const fs::path& path, pid_t holder) {
  return {errc::timed_out,
          "'" + path.string() + "' is being written by another process"
            + (holder > 0 ? " (" + std::to_string(holder) + ")" : "")
            + "; try again when it is done"};
}

} // namespace

lock_attempt try_lock(const fs::path& file) {
  lock_attempt attempt;
  attempt.file = sandbox::descriptor{
    ::open(file.c_str(), O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!attempt.file.is_open()) {
    attempt.error = errno;
    return attempt;
  }
  // Not flock(): children of sandboxes would inherit that.
  struct flock whole {};
  whole.l_type = F_WRLCK;
  whole.l_whence = SEEK_SET;
  if (::fcntl(attempt.file.number(), F_SETLK, &whole) == 0)
    return attempt;
  attempt.error = errno == EACCES ? EAGAIN : errno;
  if (::fcntl(attempt.file.number(), F_GETLK, &whole) == 0
      && whole.l_type != F_UNLCK)
    attempt.holder = whole.l_pid;
  attempt.file.close();
  return attempt;
}

result<write_lock> write_lock::take(const fs::path& path,
                                    milliseconds patience) {
  std::error_code ignored;
  auto target =
    fs::is_symlink(path, ignored) ? fs::weakly_canonical(path) : path;
  auto lock = target;
  lock += ".lock";
  auto deadline = clock::now() + patience;
  for (;;) {
    auto attempt = try_lock(lock);
    if (attempt.file.is_open()) {
      if (is_named(attempt.file, lock))
        return write_lock{std::move(target), std::move(lock),
                          std::move(attempt.file)};
      continue;
    }
    if (attempt.error != EAGAIN)
      return {attempt.error == ENOENT ? errc::not_found : errc::system_failure,
              "'" + lock.string() + "': " + sandbox::error_text(attempt.error)};
    if (clock::now() >= deadline)
      return busy(path, attempt.holder);
    std::this_thread::sleep_for(poll_interval);
  }
}

write_lock::~write_lock() {
  // Before the lock is given back, so that it is nobody else's that goes.
  if (file_.is_open())
    ::unlink(lock_.c_str());
}

} // namespace artel::runtime
