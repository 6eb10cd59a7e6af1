// Starts a program from a process with many threads: the child shares memory
// with this process until it executes the program, and makes nothing but plain
// system calls in between.
#pragma once

#include "sandbox/descriptor.hpp"

#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

namespace artel::sandbox {

/// Whom a sandbox runs as where this process is root: an id that nothing else
/// uses, and that exists also in containers that map only 65536 ids.
inline constexpr uid_t sandbox_user = 65533;
inline constexpr gid_t sandbox_group = 65533;

struct spawn_request {
  /// The first is the program's absolute path.
  std::vector<std::string> arguments;
  /// Its whole environment, as NAME=value.
  std::vector<std::string> environment;
  /// Become the program's 0, 1, 2, ...; it inherits nothing else.
  std::vector<int> descriptors;
  /// The program joins the control groups whose cgroup.procs these are.
  std::vector<int> groups;
  /// Give up root for sandbox_user first.
  bool drop_root = false;
};

struct child_process {
  pid_t id = -1;
  descriptor handle;
};

/// Returns once the program runs. It gets a session of its own, default signal
/// handling, and is killed when the calling thread ends.
result<child_process> spawn(const spawn_request& request);

/// Holds back spawn() in all threads. Whoever writes a file that is to be
/// executed holds it meanwhile: a child in another thread would otherwise
/// inherit the open file for a moment, and executing it fail as busy.
class spawn_pause {
public:
  spawn_pause();
  ~spawn_pause();
  spawn_pause(const spawn_pause&) = delete;
  spawn_pause& operator=(const spawn_pause&) = delete;
};

} // namespace artel::sandbox
