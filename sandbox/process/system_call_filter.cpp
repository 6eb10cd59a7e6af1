#include "sandbox/process/system_call_filter.hpp"

#include "sandbox/descriptor.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <iterator>
#include <memory>
#include <string>
#include <type_traits>
#include <vector>

#include <sched.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <seccomp.h>

namespace artel::sandbox {

namespace {

/// By what they are for. libseccomp skips those that this architecture lacks.
constexpr const char* allowed[] = {
  // Files.
  "read", "write", "readv", "writev", "pread64", "pwrite64", "preadv",
  "pwritev", "preadv2", "pwritev2", "open", "openat", "openat2", "creat",
  "close", "close_range", "stat", "fstat", "lstat", "newfstatat", "statx",
  "statfs", "fstatfs", "lseek", "access", "faccessat", "faccessat2", "pipe",
  "pipe2", "dup", "dup2", "dup3", "fcntl", "flock", "fsync", "fdatasync",
  "truncate", "ftruncate", "fallocate", "fadvise64", "sync_file_range",
  "copy_file_range", "sendfile", "splice", "tee", "readahead", "getdents",
  "getdents64", "getcwd", "chdir", "fchdir", "rename", "renameat", "renameat2",
  "mkdir", "mkdirat", "rmdir", "link", "linkat", "unlink", "unlinkat",
  "symlink", "symlinkat", "readlink", "readlinkat", "chmod", "fchmod",
  "fchmodat", "fchmodat2", "chown", "fchown", "lchown", "fchownat", "umask",
  "utime", "utimes", "utimensat", "futimesat", "getxattr", "lgetxattr",
  "fgetxattr", "listxattr", "llistxattr", "flistxattr", "setxattr", "lsetxattr",
  "fsetxattr", "removexattr", "lremovexattr", "fremovexattr", "inotify_init",
  "inotify_init1", "inotify_add_watch", "inotify_rm_watch",
  // Memory.
  "mmap", "mprotect", "munmap", "brk", "mremap", "madvise", "msync", "mincore",
  "mlock", "mlock2", "munlock", "mlockall", "munlockall", "memfd_create",
  "pkey_alloc", "pkey_free", "pkey_mprotect",
  // Waiting.
  "select", "pselect6", "poll", "ppoll", "epoll_create", "epoll_create1",
  "epoll_ctl", "epoll_wait", "epoll_pwait", "epoll_pwait2", "eventfd",
  "eventfd2", "signalfd", "signalfd4", "timerfd_create", "timerfd_settime",
  "timerfd_gettime", "futex", "futex_waitv", "nanosleep", "clock_nanosleep",
  "pause", "alarm", "setitimer", "getitimer", "timer_create", "timer_settime",
  "timer_gettime", "timer_getoverrun", "timer_delete", "sched_yield",
  // Time, read only.
  "clock_gettime", "clock_getres", "gettimeofday", "time", "times",
  // Signals.
  "rt_sigaction", "rt_sigprocmask", "rt_sigreturn", "rt_sigpending",
  "rt_sigtimedwait", "rt_sigsuspend", "rt_sigqueueinfo", "rt_tgsigqueueinfo",
  "sigaltstack", "kill", "tkill", "tgkill", "pidfd_open", "pidfd_send_signal",
  "restart_syscall",
  // Processes and threads.
  "fork", "vfork", "execve", "execveat", "exit", "exit_group", "wait4",
  "waitid", "getpid", "getppid", "gettid", "getpgrp", "getpgid", "setpgid",
  "getsid", "setsid", "getuid", "geteuid", "getgid", "getegid", "getresuid",
  "getresgid", "getgroups", "setuid", "setgid", "setresuid", "setresgid",
  "setreuid", "setregid", "setgroups", "setfsuid", "setfsgid", "capget",
  "capset", "set_tid_address", "set_robust_list", "get_robust_list",
  "landlock_create_ruleset", "landlock_add_rule", "landlock_restrict_self",
  "arch_prctl", "prctl", "rseq", "membarrier", "getcpu", "getrlimit",
  "setrlimit", "getrusage", "sched_getaffinity", "sched_setaffinity",
  "sched_getparam", "sched_setparam", "sched_getscheduler",
  "sched_setscheduler", "sched_get_priority_max", "sched_get_priority_min",
  "sched_getattr", "sched_rr_get_interval", "getpriority", "setpriority",
  "ioprio_get",
  // The system, read only.
  "uname", "sysinfo", "getrandom", "sync", "syncfs",
  // Talk among the job's own processes: its network is its own. System V's
  // shared memory and queues are left out: without a control group nothing
  // bounds them, and what runs on one machine should run on all.
  "bind", "listen", "accept", "accept4", "connect", "sendto", "recvfrom",
  "sendmsg", "recvmsg", "sendmmsg", "recvmmsg", "shutdown", "getsockname",
  "getpeername", "setsockopt", "getsockopt", "mq_open", "mq_unlink",
  "mq_timedsend", "mq_timedreceive", "mq_notify", "mq_getsetattr"};

/// Nothing that computes calls these, not even to try whether they are there.
constexpr const char* deadly[] = {"mount",
                                  "umount2",
                                  "pivot_root",
                                  "move_mount",
                                  "open_tree",
                                  "fsopen",
                                  "fsconfig",
                                  "fsmount",
                                  "fspick",
                                  "mount_setattr",
                                  "unshare",
                                  "setns",
                                  "ptrace",
                                  "process_vm_readv",
                                  "process_vm_writev",
                                  "bpf",
                                  "kexec_load",
                                  "kexec_file_load",
                                  "init_module",
                                  "finit_module",
                                  "delete_module",
                                  "reboot",
                                  "swapon",
                                  "swapoff",
                                  "acct",
                                  "add_key",
                                  "request_key",
                                  "keyctl",
                                  "open_by_handle_at",
                                  "settimeofday",
                                  "clock_settime",
                                  "sethostname",
                                  "setdomainname",
                                  "iopl",
                                  "ioperm",
                                  "fanotify_init"};

/// Flags of clone that would make namespaces.
constexpr unsigned namespace_flags = CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNS
                                     | CLONE_NEWNET | CLONE_NEWIPC
                                     | CLONE_NEWUTS | CLONE_NEWCGROUP;

/// The kernel looks at the low 32 bits of most arguments alone. A program may
/// set the others to get past a filter, and C libraries set them where they
/// extend a sign.
constexpr std::uint64_t low_half = 0xffffffff;

/// Two put input into somebody else's terminal, one loads drivers for lines.
constexpr std::uint32_t forbidden_requests[] = {TIOCSTI, TIOCLINUX, TIOCSETD};

using rule_list = std::vector<filter_rule>;

void allow_if(rule_list& rules, const char* call, unsigned argument,
              std::uint64_t mask, std::uint64_t value) {
  rules.push_back(
    {call, call_action::allow, argument_test{argument, mask, value}});
}

/// All requests but the forbidden ones that share `prefix` in the bits above
/// `bits`: one rule can't say "not this and not that", but each prefix of
/// theirs with its last bit turned around is a rule.
void allow_other_requests(rule_list& rules, std::uint32_t prefix,
                          unsigned bits) {
  auto mask = (low_half << bits) & low_half;
  auto has_prefix = [mask, prefix](std::uint32_t request) {
    return (request & mask) == prefix;
  };
  if (std::none_of(std::begin(forbidden_requests), std::end(forbidden_requests),
                   has_prefix))
    return allow_if(rules, "ioctl", 1, mask, prefix);
  if (bits == 0)
    return;
  allow_other_requests(rules, prefix, bits - 1);
  allow_other_requests(rules, prefix | (1u << (bits - 1)), bits - 1);
}

/// Calls that are fine with some arguments only.
void add_conditional(rule_list& rules) {
  // clone3 is on no list: its flags are in memory, where no filter can look.
  // Without it, the C library uses clone.
  allow_if(rules, "clone", 0, namespace_flags, 0);
  // Its own limits; those of others, process 1 above all, are not its business.
  allow_if(rules, "prlimit64", 0, low_half, 0);
  for (const auto* call : {"socket", "socketpair"})
    allow_if(rules, call, 0, low_half, AF_UNIX);
  constexpr std::uint64_t ask_only = 0xffffffff;
  for (auto persona : {std::uint64_t{0}, ask_only})
    allow_if(rules, "personality", 0, low_half, persona);
  allow_other_requests(rules, 0, 32);
}

using filter_context =
  std::unique_ptr<std::remove_pointer_t<scmp_filter_ctx>, void (*)(void*)>;

class filter_builder {
public:
  filter_builder()
    : context_(::seccomp_init(SCMP_ACT_ERRNO(unlisted_call_error)),
               &::seccomp_release) {
    if (!context_)
      error_ = -ENOMEM;
  }

  void set(scmp_filter_attr attribute, std::uint32_t value) {
    if (error_ == 0)
      note(::seccomp_attr_set(context_.get(), attribute, value), "attribute");
  }

  void add(const filter_rule& rule) {
    auto number = ::seccomp_syscall_resolve_name(rule.call);
    // Newer than this libseccomp; no rule can be about it.
    if (error_ != 0 || number == __NR_SCMP_ERROR)
      return;
    auto action =
      rule.action == call_action::kill ? SCMP_ACT_KILL_PROCESS : SCMP_ACT_ALLOW;
    auto test = rule.test.value_or(argument_test{});
    scmp_arg_cmp condition{test.argument, SCMP_CMP_MASKED_EQ, test.mask,
                           test.value};
    note(::seccomp_rule_add_array(context_.get(), action, number,
                                  rule.test ? 1 : 0, &condition),
         rule.call);
  }

  result<bytes> finish() {
    descriptor file{::memfd_create("artel-filter", MFD_CLOEXEC)};
    if (!file.is_open())
      return system_error("cannot create a file in memory");
    if (error_ == 0)
      note(::seccomp_export_bpf(context_.get(), file.number()), "export");
    if (error_ != 0)
      return {errc::system_failure,
              "cannot build the system call filter: " + failed_at_ + ": "
                + error_text(-error_)};
    auto text =
      read_small_file("/proc/self/fd/" + std::to_string(file.number()));
    return bytes{text.begin(), text.end()};
  }

private:
  void note(int status, const char* what) {
    if (status == 0 || error_ != 0)
      return;
    error_ = status;
    failed_at_ = what;
  }

  filter_context context_;
  int error_ = 0;
  std::string failed_at_ = "start";
};

} // namespace

const int unlisted_call_error = ENOSYS;

const std::vector<filter_rule>& filter_rules() {
  static const auto rules = [] {
    rule_list made;
    for (const auto* call : allowed)
      made.push_back({call, call_action::allow, {}});
    for (const auto* call : deadly)
      made.push_back({call, call_action::kill, {}});
    add_conditional(made);
    return made;
  }();
  return rules;
}

result<bytes> build_system_call_filter() {
  filter_builder filter;
  // System calls of another architecture (32-bit, x32) pass by all rules.
  filter.set(SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
  // A binary tree: a few comparisons a call instead of a few hundred.
  constexpr std::uint32_t binary_tree = 2;
  filter.set(SCMP_FLTATR_CTL_OPTIMIZE, binary_tree);
  for (const auto& rule : filter_rules())
    filter.add(rule);
  return filter.finish();
}

} // namespace artel::sandbox
