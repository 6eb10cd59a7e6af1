#include "sandbox/process/spawn.hpp"

#include <array>
#include <cerrno>
#include <cstddef>
#include <memory>
#include <mutex>

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

namespace artel::sandbox {

namespace {

std::mutex& spawn_mutex() {
  static std::mutex mutex;
  return mutex;
}

/// Above all that a child's descriptors are moved to.
constexpr int descriptors_max = 16;

/// What the child works with, all made before it exists.
struct child_plan {
  char** arguments = nullptr;
  char** environment = nullptr;
  const int* descriptors = nullptr;
  int descriptor_count = 0;
  const int* groups = nullptr;
  int group_count = 0;
  bool drop_root = false;
  pid_t parent = 0;
  /// Written by the child, which shares our memory.
  const char* failed_step = nullptr;
  int error = 0;
};

/// Raw calls: the library's own would change all threads' ids.
bool drop_root() {
  return ::syscall(SYS_setgroups, 0, nullptr) == 0
         && ::syscall(SYS_setresgid, sandbox_group, sandbox_group,
                      sandbox_group)
              == 0
         && ::syscall(SYS_setresuid, sandbox_user, sandbox_user, sandbox_user)
              == 0;
}

/// What this process ignores or blocks must not reach the program. Raw calls
/// again: sanitizers keep tables behind the library's.
void reset_signals() {
  constexpr int signal_count = 64;
  constexpr std::size_t signal_set_bytes = signal_count / 8;
  // The kernel's struct sigaction, all zero: default handling, empty mask.
  const std::array<unsigned long, 4> default_action{};
  for (int number = 1; number <= signal_count; ++number)
    ::syscall(SYS_rt_sigaction, number, default_action.data(), nullptr,
              signal_set_bytes);
  const unsigned long no_signals = 0;
  ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &no_signals, nullptr,
            signal_set_bytes);
}

/// "0" stands for the process that writes it.
bool join_groups(const child_plan& plan) {
  for (int i = 0; i < plan.group_count; ++i)
    if (::write(plan.groups[i], "0", 1) != 1)
      return false;
  return true;
}

bool place_descriptors(const child_plan& plan) {
  // First out of each other's way, then where they belong.
  std::array<int, descriptors_max> moved{};
  for (int i = 0; i < plan.descriptor_count; ++i) {
    moved[i] = ::fcntl(plan.descriptors[i], F_DUPFD, descriptors_max);
    if (moved[i] < 0)
      return false;
  }
  for (int i = 0; i < plan.descriptor_count; ++i)
    if (::dup2(moved[i], i) < 0)
      return false;
  return ::syscall(SYS_close_range, plan.descriptor_count, ~0U, 0) == 0;
}

int run_child(void* argument) {
  auto& plan = *static_cast<child_plan*>(argument);
  auto fail = [&plan](const char* step) {
    plan.failed_step = step;
    plan.error = errno;
    ::_exit(127);
  };
  ::setsid();
  if (!join_groups(plan))
    fail("joining its control group");
  if (plan.drop_root && !drop_root())
    fail("giving up root");
  // After the change of ids, which clears it.
  if (::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    fail("PR_SET_PDEATHSIG");
  // The parent may have died before that could tell us.
  if (::syscall(SYS_getppid) != plan.parent)
    ::_exit(127);
  if (!place_descriptors(plan))
    fail("placing descriptors");
  reset_signals();
  ::execve(plan.arguments[0], plan.arguments, plan.environment);
  fail("execution");
  return 127;
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  for (const auto& text : texts)
    pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

/// Runs the child until it executes the program or fails. Signals stay blocked
/// meanwhile: a handler in the child would work on this process's memory.
pid_t clone_child(child_plan& plan, int& handle) {
  constexpr std::size_t stack_bytes = 128 << 10;
  auto stack = std::make_unique<std::byte[]>(stack_bytes);
  sigset_t all;
  sigset_t before;
  ::sigfillset(&all);
  ::pthread_sigmask(SIG_SETMASK, &all, &before);
  std::lock_guard guard{spawn_mutex()};
  // A change of ids makes the memory, which is ours too, undumpable.
  auto dumpable = ::prctl(PR_GET_DUMPABLE, 0, 0, 0, 0);
  auto id =
    ::clone(run_child, stack.get() + stack_bytes,
            CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD, &plan, &handle);
  auto error = errno;
  if (plan.drop_root && dumpable == 1)
    ::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
  ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
  errno = error;
  return id;
}

} // namespace

result<child_process> spawn(const spawn_request& request) {
  assert(!request.arguments.empty());
  assert(request.descriptors.size() <= descriptors_max);
  auto arguments = pointers_to(request.arguments);
  auto environment = pointers_to(request.environment);
  child_plan plan;
  plan.arguments = arguments.data();
  plan.environment = environment.data();
  plan.descriptors = request.descriptors.data();
  plan.descriptor_count = static_cast<int>(request.descriptors.size());
  plan.groups = request.groups.data();
  plan.group_count = static_cast<int>(request.groups.size());
  plan.drop_root = request.drop_root;
  plan.parent = ::getpid();
  int handle = -1;
  auto id = clone_child(plan, handle);
  if (id < 0)
    return system_error("cannot start a process");
  child_process child{id, descriptor{handle}};
  if (plan.failed_step) {
    while (::waitpid(id, nullptr, 0) < 0 && errno == EINTR)
      continue;
    return {errc::system_failure, "cannot start '" + request.arguments.front()
                                    + "': " + plan.failed_step + ": "
                                    + error_text(plan.error)};
  }
  return child;
}

spawn_pause::spawn_pause() {
  spawn_mutex().lock();
}

spawn_pause::~spawn_pause() {
  spawn_mutex().unlock();
}

} // namespace artel::sandbox
