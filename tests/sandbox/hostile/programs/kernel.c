/* Calls on the kernel that no computation needs. Most of them must end the
 * program, so each attack makes one. */
#define _GNU_SOURCE
#include "tests/sandbox/hostile/programs/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

/* Not in the headers of this system, the same on all machines. */
enum { call_memfd_secret = 447, call_process_mrelease = 448 };

struct single_call {
  const char* name;
  long number;
};

/* What matters is that the call is made; with a pointer that is wrong anyway
 * nothing happens on a machine where it gets through. */
static void any_call(char** arguments) {
  static const struct single_call calls[] = {
    {"ptrace", SYS_ptrace},
    {"process_vm_readv", SYS_process_vm_readv},
    {"process_vm_writev", SYS_process_vm_writev},
    {"bpf", SYS_bpf},
    {"keyctl", SYS_keyctl},
    {"add_key", SYS_add_key},
    {"request_key", SYS_request_key},
    {"setns", SYS_setns},
    {"umount2", SYS_umount2},
    {"pivot_root", SYS_pivot_root},
    {"fsopen", SYS_fsopen},
    {"open_tree", SYS_open_tree},
    {"move_mount", SYS_move_mount},
    {"mount_setattr", SYS_mount_setattr},
    {"init_module", SYS_init_module},
    {"finit_module", SYS_finit_module},
    {"kexec_load", SYS_kexec_load},
    {"reboot", SYS_reboot},
    {"swapon", SYS_swapon},
    {"acct", SYS_acct},
    {"sethostname", SYS_sethostname},
    {"clock_settime", SYS_clock_settime},
    {"open_by_handle_at", SYS_open_by_handle_at},
    {"fanotify_init", SYS_fanotify_init},
    {"userfaultfd", SYS_userfaultfd},
    {"perf_event_open", SYS_perf_event_open},
    {"io_uring_setup", SYS_io_uring_setup},
    {"io_uring_enter", SYS_io_uring_enter},
    {"io_uring_register", SYS_io_uring_register},
    {"name_to_handle_at", SYS_name_to_handle_at},
    {"kcmp", SYS_kcmp},
    {"syslog", SYS_syslog},
    {"quotactl", SYS_quotactl},
    {"pidfd_getfd", SYS_pidfd_getfd},
    {"process_madvise", SYS_process_madvise},
    {"seccomp", SYS_seccomp},
    {"memfd_secret", call_memfd_secret},
    {"process_mrelease", call_process_mrelease},
    {"vmsplice", SYS_vmsplice},
    {"mbind", SYS_mbind},
    {"migrate_pages", SYS_migrate_pages},
    {"adjtimex", SYS_adjtimex},
    {"vhangup", SYS_vhangup},
    {"chroot", SYS_chroot},
  };
  for (size_t i = 0; i < sizeof(calls) / sizeof(*calls); ++i)
    if (strcmp(calls[i].name, arguments[0]) == 0)
      return must_fail(calls[i].name,
                       syscall(calls[i].number, -1L, -1L, -1L, -1L, -1L, -1L));
  say("no call named %s", arguments[0]);
}

static void trace_child(char** arguments) {
  (void)arguments;
  int child = start_child(sleep_forever);
  const long attach = 16;
  must_fail("attach", syscall(SYS_ptrace, attach, child, 0, 0));
}

static void unshare_user(char** arguments) {
  (void)arguments;
  must_fail("unshare", unshare(CLONE_NEWUSER));
}

static void mount_tmpfs(char** arguments) {
  (void)arguments;
  must_fail("mount", syscall(SYS_mount, "none", "/work", "tmpfs", 0, ""));
}

/* With the stack left as it is, clone works as fork does. */
static void clone_namespaces(char** arguments) {
  (void)arguments;
  static const struct {
    const char* name;
    unsigned long flag;
  } kinds[] = {{"user", CLONE_NEWUSER},    {"pid", CLONE_NEWPID},
               {"mount", CLONE_NEWNS},     {"net", CLONE_NEWNET},
               {"ipc", CLONE_NEWIPC},      {"uts", CLONE_NEWUTS},
               {"cgroup", CLONE_NEWCGROUP}};
  for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); ++i) {
    long child = syscall(SYS_clone, kinds[i].flag | SIGCHLD, 0, 0, 0, 0);
    if (child == 0)
      _exit(0);
    must_fail(kinds[i].name, child);
  }
}

static void clone3_user(char** arguments) {
  (void)arguments;
  struct clone_args how = {.flags = CLONE_NEWUSER, .exit_signal = SIGCHLD};
  long child = syscall(SYS_clone3, &how, sizeof(how));
  if (child == 0)
    _exit(0);
  must_fail("clone3", child);
}

static void devices(char** arguments) {
  (void)arguments;
  must_fail("memory", mknod("/work/mem", S_IFCHR | 0666, makedev(1, 1)));
  must_fail("disk", mknod("/work/disk", S_IFBLK | 0666, makedev(8, 0)));
  must_fail("kmsg", mknod("/work/kmsg", S_IFCHR | 0666, makedev(1, 11)));
}

static int copy_self_to(int target) {
  static char buffer[64 << 10];
  int self = open("/proc/self/exe", O_RDONLY | O_CLOEXEC);
  for (ssize_t count; (count = read(self, buffer, sizeof(buffer))) > 0;)
    if (write(target, buffer, (size_t)count) != count)
      return -1;
  close(self);
  return 0;
}

/* A program that is nowhere on a disk is under the same filter. */
static void memfd_exec(char** arguments) {
  (void)arguments;
  int file = memfd_create("hostile", MFD_CLOEXEC);
  if (file < 0 || copy_self_to(file) != 0)
    return must_fail("memfd", -1);
  char* again[] = {"again", "unshare_user", "0", NULL};
  char* nothing[] = {NULL};
  syscall(SYS_execveat, file, "", again, nothing, AT_EMPTY_PATH);
  must_fail("execveat", -1);
}

#if defined(__x86_64__)
/* getpid and mount of the 32-bit table. */
static void int80(char** arguments) {
  (void)arguments;
  long result;
  __asm__ volatile("int $0x80" : "=a"(result) : "a"(20L) : "memory");
  say("escaped: int 0x80 gave %ld", result);
}

static void x32(char** arguments) {
  (void)arguments;
  const long x32_bit = 0x40000000;
  errno = 0;
  long result = syscall(x32_bit | SYS_getpid);
  say("escaped: an x32 call gave %ld %s", result, strerrorname_np(errno));
}

static void ldt(char** arguments) {
  (void)arguments;
  must_fail("modify_ldt", syscall(SYS_modify_ldt, 0, NULL, 0));
}

static void ports(char** arguments) {
  (void)arguments;
  must_fail("iopl", syscall(SYS_iopl, 3));
}
#endif

static void personalities(char** arguments) {
  (void)arguments;
  must_fail("ADDR_NO_RANDOMIZE", personality(ADDR_NO_RANDOMIZE));
  must_fail("READ_IMPLIES_EXEC", personality(READ_IMPLIES_EXEC));
  must_fail("PER_LINUX32", personality(PER_LINUX32));
}

static void terminal_input(char** arguments) {
  (void)arguments;
  const long hidden = (long)1 << 32;
  must_fail("TIOCSTI", syscall(SYS_ioctl, 0, TIOCSTI, "x"));
  must_fail("TIOCSTI with a high bit",
            syscall(SYS_ioctl, 0, TIOCSTI | hidden, "x"));
  must_fail("TIOCLINUX", syscall(SYS_ioctl, 0, TIOCLINUX, "x"));
  must_fail("controlling terminal", open("/dev/tty", O_RDWR));
  int own = open("/dev/ptmx", O_RDWR | O_NOCTTY);
  if (own >= 0)
    must_fail("TIOCSTI of an own terminal",
              syscall(SYS_ioctl, own, TIOCSTI, "x"));
}

static void privileges(char** arguments) {
  (void)arguments;
  struct {
    uint32_t version;
    int pid;
  } header = {0x20080522, 0};
  struct {
    uint32_t effective, permitted, inheritable;
  } data[2] = {{~0U, ~0U, ~0U}, {~0U, ~0U, ~0U}};
  const gid_t root_group = 0;
  // There is one user inside; where that is root, any other will do.
  const uid_t other = getuid() == 0 ? 1 : 0;
  must_fail("capset", syscall(SYS_capset, &header, data));
  must_fail("setuid", setuid(other));
  must_fail("setgid", setgid(other));
  must_fail("setgroups", syscall(SYS_setgroups, 1, &root_group));
  must_fail("NO_NEW_PRIVS off", prctl(PR_SET_NO_NEW_PRIVS, 0, 0, 0, 0));
  must_fail("ambient", prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, 21, 0, 0));
  must_fail("uid_map", open("/proc/self/uid_map", O_WRONLY));
  must_fail("oom_score_adj", open("/proc/self/oom_score_adj", O_WRONLY));
}

/* The machine's own tools get no further. */
static void nested_sandbox(char** arguments) {
  char* command[] = {arguments[0], "--unshare-all", "--ro-bind", "/",
                     "/",          "/bin/true",     NULL};
  int child = fork();
  if (child == 0) {
    execv(command[0], command);
    _exit(77);
  }
  int status = 0;
  waitpid(child, &status, 0);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
    say("escaped: made a sandbox of its own");
  else
    say("no sandbox");
}

int main(int count, char** arguments) {
  static const struct attack attacks[] = {
    {"call", any_call},
    {"trace_child", trace_child},
    {"unshare_user", unshare_user},
    {"mount_tmpfs", mount_tmpfs},
    {"clone_namespaces", clone_namespaces},
    {"clone3_user", clone3_user},
    {"devices", devices},
    {"memfd_exec", memfd_exec},
#if defined(__x86_64__)
    {"int80", int80},
    {"x32", x32},
    {"ldt", ldt},
    {"ports", ports},
#endif
    {"personalities", personalities},
    {"terminal_input", terminal_input},
    {"privileges", privileges},
    {"nested_sandbox", nested_sandbox},
  };
  return hostile_main(count, arguments, attacks,
                      sizeof(attacks) / sizeof(*attacks));
}
