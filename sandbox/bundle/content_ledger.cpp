#include "sandbox/bundle/content_ledger.hpp"

#include <cerrno>
#include <limits>
#include <thread>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>

namespace artel::sandbox {

namespace {

using clock = std::chrono::steady_clock;

constexpr const char* file_name = "lock";

constexpr auto unknown = std::numeric_limits<std::uint64_t>::max();

constexpr std::chrono::milliseconds retry_delay{1};

/// Opened anew for each lock: threads, and children that inherit what is open,
/// would share one.
result<descriptor> open_file(const descriptor& root) {
  descriptor file{::openat(
    root.number(), file_name,
    O_RDWR | O_CREAT | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 0600)};
  struct stat status {};
  if (!file.is_open() || ::fstat(file.number(), &status) != 0)
    return system_error("cannot open '" + std::string{file_name} + "'");
  if (!S_ISREG(status.st_mode))
    return {errc::system_failure, "'" + std::string{file_name}
                                    + "' is not a regular file; remove it"};
  return file;
}

/// False where it was removed meanwhile, so that others lock another one.
bool is_in_place(const descriptor& root, const descriptor& file) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(file.number(), &opened) == 0
         && ::fstatat(root.number(), file_name, &named, AT_SYMLINK_NOFOLLOW)
              == 0
         && opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

} // namespace

result<content_ledger>
content_ledger::lock(const descriptor& root,
                     std::chrono::milliseconds patience) {
  for (auto deadline = clock::now() + patience;;) {
    auto file = open_file(root);
    if (!file)
      return file.error();
    if (::flock(file->number(), LOCK_EX | LOCK_NB) == 0) {
      if (is_in_place(root, *file))
        return content_ledger{std::move(*file)};
    } else if (errno != EWOULDBLOCK && errno != EINTR) {
      return system_error("cannot lock '" + std::string{file_name} + "'");
    }
    if (clock::now() >= deadline)
      return {errc::timed_out, "another process has held '"
                                 + std::string{file_name} + "' locked for "
                                 + std::to_string(patience.count())
                                 + " ms; see which with fuser"};
    std::this_thread::sleep_for(retry_delay);
  }
}

content_ledger::~content_ledger() {
  // Closing is not enough while a child of another thread, not yet executed,
  // has inherited the file.
  if (file_.is_open())
    ::flock(file_.number(), LOCK_UN);
}

std::optional<std::uint64_t> content_ledger::bytes_used() const {
  std::uint64_t number = unknown;
  if (::pread(file_.number(), &number, sizeof(number), 0)
        != static_cast<ssize_t>(sizeof(number))
      || number == unknown)
    return std::nullopt;
  return number;
}

result<void> content_ledger::begin_change() {
  if (!write(unknown))
    return system_error("cannot write '" + std::string{file_name} + "'");
  return {};
}

void content_ledger::end_change(std::uint64_t bytes_used) {
  write(bytes_used);
}

bool content_ledger::write(std::uint64_t number) {
  return ::pwrite(file_.number(), &number, sizeof(number), 0)
         == static_cast<ssize_t>(sizeof(number));
}

} // namespace artel::sandbox
