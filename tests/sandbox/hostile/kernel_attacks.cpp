#include "tests/sandbox/hostile/attack.hpp"

#include <utility>

namespace artel::hostile {

namespace {

constexpr ending forbidden{run_outcome::forbidden_syscall};

attack kernel_attack(std::string name, std::vector<std::string> arguments,
                     ending expected, std::vector<std::string> says = {}) {
  return {.group = "kernel",
          .name = std::move(name),
          .program = "kernel",
          .arguments = std::move(arguments),
          .expected = expected,
          .says = std::move(says)};
}

/// Nothing that computes makes them.
void add_deadly_calls(std::vector<attack>& all) {
  for (const auto* name : {"ptrace",
                           "process_vm_readv",
                           "process_vm_writev",
                           "bpf",
                           "keyctl",
                           "add_key",
                           "request_key",
                           "setns",
                           "umount2",
                           "pivot_root",
                           "fsopen",
                           "open_tree",
                           "move_mount",
                           "mount_setattr",
                           "init_module",
                           "finit_module",
                           "kexec_load",
                           "reboot",
                           "swapon",
                           "acct",
                           "sethostname",
                           "clock_settime",
                           "open_by_handle_at",
                           "fanotify_init"})
    all.push_back(kernel_attack(name, {"call", name}, forbidden));
  all.push_back(kernel_attack("ptrace of a child", {"trace_child"}, forbidden));
  all.push_back(kernel_attack("unshare", {"unshare_user"}, forbidden));
  all.push_back(kernel_attack("mount", {"mount_tmpfs"}, forbidden));
  all.push_back(kernel_attack("memfd exec", {"memfd_exec"}, forbidden));
}

/// Libraries try them, and do without.
void add_missing_calls(std::vector<attack>& all) {
  for (const auto* name : {"userfaultfd",
                           "perf_event_open",
                           "io_uring_setup",
                           "io_uring_enter",
                           "io_uring_register",
                           "name_to_handle_at",
                           "kcmp",
                           "syslog",
                           "quotactl",
                           "pidfd_getfd",
                           "process_madvise",
                           "seccomp",
                           "memfd_secret",
                           "process_mrelease",
                           "vmsplice",
                           "mbind",
                           "migrate_pages",
                           "adjtimex",
                           "vhangup",
                           "chroot"})
    all.push_back(kernel_attack(name, {"call", name}, {},
                                {std::string{name} + ": ENOSYS"}));
  all.push_back(
    kernel_attack("clone3", {"clone3_user"}, {}, {"clone3: ENOSYS"}));
  all.push_back(kernel_attack("clone with namespaces", {"clone_namespaces"}, {},
                              {"user: ENOSYS", "pid: ENOSYS", "mount: ENOSYS",
                               "net: ENOSYS", "ipc: ENOSYS", "uts: ENOSYS",
                               "cgroup: ENOSYS"}));
  all.push_back(
    kernel_attack("mknod", {"devices"}, {},
                  {"memory: ENOSYS", "disk: ENOSYS", "kmsg: ENOSYS"}));
  all.push_back(
    kernel_attack("personality", {"personalities"}, {},
                  {"ADDR_NO_RANDOMIZE: ENOSYS", "READ_IMPLIES_EXEC: ENOSYS",
                   "PER_LINUX32: ENOSYS"}));
}

void add_other_machines(std::vector<attack>& all) {
#if defined(__x86_64__)
  all.push_back(kernel_attack("int 0x80", {"int80"}, forbidden));
  all.push_back(kernel_attack("x32", {"x32"}, forbidden));
  all.push_back(kernel_attack("iopl", {"ports"}, forbidden));
  all.push_back(
    kernel_attack("modify_ldt", {"ldt"}, {}, {"modify_ldt: ENOSYS"}));
#else
  static_cast<void>(all);
#endif
}

void add_privileges(std::vector<attack>& all) {
  all.push_back(
    kernel_attack("TIOCSTI", {"terminal_input"}, {},
                  {"TIOCSTI: ENOSYS", "TIOCSTI with a high bit: ENOSYS",
                   "TIOCLINUX: ENOSYS", "controlling terminal: ENXIO"}));
  all.push_back(
    kernel_attack("privileges", {"privileges"}, {},
                  {"capset: EPERM", "setuid: EINVAL", "setgid: EINVAL",
                   "NO_NEW_PRIVS off: EINVAL", "ambient: EPERM",
                   "uid_map: EROFS", "oom_score_adj: EROFS"}));
  all.push_back(kernel_attack("a sandbox within",
                              {"nested_sandbox", "/usr/bin/bwrap"}, {},
                              {"no sandbox"}));
}

} // namespace

std::vector<attack> kernel_attacks() {
  std::vector<attack> all;
  add_deadly_calls(all);
  add_missing_calls(all);
  add_other_machines(all);
  add_privileges(all);
  return all;
}

} // namespace artel::hostile
