// Exclusive locks between processes. The kernel holds them: a process that
// ends, however it ends, has given back its own. Locks are of the process, so
// two holders in one process are not told apart.
#pragma once

#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "sandbox/descriptor.hpp"

#include <filesystem>
#include <utility>

#include <sys/types.h>

namespace artel::runtime {

/// What became of an attempt to lock a file.
struct lock_attempt {
  /// Open where the lock is ours: until it is closed, or any other descriptor
  /// of the file in this process.
  sandbox::descriptor file;
  /// Else an errno; EAGAIN where another process has it.
  int error = 0;
  /// Of that process; 0 where it can't be told.
  pid_t holder = 0;
};

/// The file is made (0600) where there is none. Does not wait.
lock_attempt try_lock(const std::filesystem::path& file);

/// The right to replace a file, for as long as it lives: a lock on NAME.lock
/// beside it, which goes away again. Readers need none, since files are
/// replaced as a whole.
class write_lock {
public:
  /// Waits while another process has it. timed_out after `patience`, with who
  /// has it; not_found where there is no such directory; system_failure.
  static result<write_lock> take(const std::filesystem::path& path,
                                 milliseconds patience);

  write_lock(write_lock&&) noexcept = default;
  write_lock& operator=(write_lock&&) = delete;
  ~write_lock();

  /// What is to be read and replaced: where a link leads, or the file itself.
  const std::filesystem::path& path() const noexcept { return path_; }

private:
  write_lock(std::filesystem::path path, std::filesystem::path lock,
             sandbox::descriptor file)
    : path_(std::move(path)),
      lock_(std::move(lock)),
      file_(std::move(file)) {}

  std::filesystem::path path_;
  std::filesystem::path lock_;
  sandbox::descriptor file_;
};

} // namespace artel::runtime
