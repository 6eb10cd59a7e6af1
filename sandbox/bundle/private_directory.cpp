#include "sandbox/bundle/private_directory.hpp"

#include "sandbox/bundle/directory_lock.hpp"
#include "sandbox/process/abandoned_runs.hpp"
#include "sandbox/process/spawn.hpp"

#include <cstdlib>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/statvfs.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

constexpr std::string_view name_prefix = "artel-sandbox-";

bool is_ours(const descriptor& directory) {
  struct stat status {};
  return ::fstat(directory.number(), &status) == 0
         && status.st_uid == ::geteuid();
}

/// Between its creation and its lock a directory looks abandoned.
bool still_exists(const fs::path& path, const descriptor& directory) {
  struct stat opened {};
  struct stat named {};
  return ::fstat(directory.number(), &opened) == 0
         && ::lstat(path.c_str(), &named) == 0 && opened.st_dev == named.st_dev
         && opened.st_ino == named.st_ino;
}

/// Directories whose maker died, and what still runs from there.
void remove_abandoned(const fs::path& parent) {
  std::error_code ignored;
  for (fs::directory_iterator entry{parent, ignored}, end; entry != end;
       entry.increment(ignored)) {
    auto name = entry->path().filename().string();
    if (!name.starts_with(name_prefix))
      continue;
    auto directory =
      lock_directory(entry->path(), maker_in_name(name, name_prefix));
    if (!directory.is_open() || !is_ours(directory))
      continue;
    kill_abandoned_runs(entry->path());
    fs::remove_all(entry->path(), ignored);
  }
}

result<void> check_reachable(const fs::path& parent) {
  struct statvfs file_system {};
  if (::statvfs(parent.c_str(), &file_system) != 0)
    return system_error("cannot look at '" + parent.string() + "'");
  if (file_system.f_flag & ST_NOEXEC)
    return {errc::system_failure,
            "no program can be run from '" + parent.string()
              + "', which is mounted noexec; choose another work directory"};
  if (::geteuid() != 0)
    return {};
  for (auto path = parent;; path = path.parent_path()) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0)
      return system_error("cannot look at '" + path.string() + "'");
    if (!(status.st_mode & S_IXOTH)
        && !(status.st_gid == sandbox_group && (status.st_mode & S_IXGRP)))
      return {errc::system_failure,
              "sandboxed programs run as user " + std::to_string(sandbox_user)
                + ", who can't enter '" + path.string()
                + "': chmod o+x it, or choose another work " + "directory"};
    if (path == path.parent_path())
      return {};
  }
}

result<void> open_to_sandbox(const descriptor& directory) {
  if (::geteuid() == 0
      && (::fchown(directory.number(), 0, sandbox_group) != 0
          || ::fchmod(directory.number(), 0710) != 0))
    return system_error("cannot set the owner of a sandbox directory");
  return {};
}

} // namespace

private_directory::private_directory(fs::path path, descriptor lock)
  : path_(std::move(path)),
    lock_(std::move(lock)) {
  // nop
}

private_directory::~private_directory() {
  std::error_code ignored;
  if (lock_.is_open())
    fs::remove_all(path_, ignored);
}

result<private_directory> private_directory::make(const fs::path& wanted) {
  std::error_code error;
  fs::create_directories(wanted, error);
  auto parent = error ? wanted : fs::canonical(wanted, error);
  if (error)
    return {errc::system_failure,
            "cannot create '" + wanted.string() + "': " + error.message()};
  if (auto reachable = check_reachable(parent); !reachable)
    return reachable.error();
  remove_abandoned(parent);
  for (;;) {
    // The id tells the next start whose it was.
    auto name =
      (parent / name_prefix).string() + std::to_string(::getpid()) + "-XXXXXX";
    if (!::mkdtemp(name.data()))
      return system_error("cannot create a directory in '" + parent.string()
                          + "'");
    auto lock = lock_directory(name, 0);
    if (!lock.is_open() || !still_exists(name, lock))
      continue;
    private_directory directory{name, std::move(lock)};
    if (auto opened = open_to_sandbox(directory.lock_); !opened)
      return opened.error();
    return directory;
  }
}

} // namespace artel::sandbox
