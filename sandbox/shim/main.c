// The first process in a sandbox: starts the program under resource limits,
// reaps what it leaves behind, and reports how it ended on descriptor 3. When
// it ends itself, the kernel ends whatever else is left in its process
// namespace.
//
// Usage: artel-shim CPU_SECONDS ADDRESS_SPACE_BYTES FILE_BYTES OPEN_FILES
//                   PROCESSES PROGRAM [ARGUMENT...]
// Exit code: 0 reported, 1 wrong use or nothing could be reported.
#define _GNU_SOURCE
#include "sandbox/shim/run_status.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { status_descriptor = 3 };
enum { program_argument = 6 };

static int report(const struct artel_run_status* status) {
  // Smaller than a pipe's atomic size, so it is written whole or not at all.
  return write(status_descriptor, status, sizeof(*status))
         == (ssize_t)sizeof(*status);
}

static void report_failure(uint32_t kind, const char* step) {
  struct artel_run_status status;
  memset(&status, 0, sizeof(status));
  status.kind = kind;
  status.value = errno;
  strncpy(status.step, step, sizeof(status.step) - 1);
  report(&status);
}

static _Noreturn void fail(const char* step) {
  report_failure(artel_status_setup_failed, step);
  _exit(1);
}

static void limit(int resource, rlim_t soft, rlim_t hard, const char* step) {
  struct rlimit current;
  if (getrlimit(resource, &current) != 0)
    fail(step);
  // Where the system itself allows less, that stays the limit.
  if (current.rlim_max < hard)
    hard = current.rlim_max;
  if (hard < soft)
    soft = hard;
  struct rlimit wanted = {soft, hard};
  if (setrlimit(resource, &wanted) != 0)
    fail(step);
}

static rlim_t number(const char* text) {
  return (rlim_t)strtoull(text, NULL, 10);
}

static _Noreturn void start_program(char** arguments) {
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // 3 closes itself when the program starts.
  if (syscall(SYS_close_range, status_descriptor + 1, ~0U, 0) != 0)
    fail("close_range");
  rlim_t cpu_seconds = number(arguments[1]);
  // The second signal, a second later, can't be ignored.
  limit(RLIMIT_CPU, cpu_seconds, cpu_seconds + 1, "RLIMIT_CPU");
  limit(RLIMIT_AS, number(arguments[2]), number(arguments[2]), "RLIMIT_AS");
  limit(RLIMIT_FSIZE, number(arguments[3]), number(arguments[3]),
        "RLIMIT_FSIZE");
  limit(RLIMIT_CORE, 0, 0, "RLIMIT_CORE");
  limit(RLIMIT_MEMLOCK, 0, 0, "RLIMIT_MEMLOCK");
  limit(RLIMIT_NOFILE, number(arguments[4]), number(arguments[4]),
        "RLIMIT_NOFILE");
  // One more for this process, which counts too.
  limit(RLIMIT_NPROC, number(arguments[5]) + 1, number(arguments[5]) + 1,
        "RLIMIT_NPROC");
  execv(arguments[program_argument], arguments + program_argument);
  report_failure(artel_status_exec_failed, "exec");
  _exit(1);
}

int main(int count, char** arguments) {
  if (count <= program_argument)
    return 1;
  // So that the program can neither trace this process nor write into its
  // descriptors by /proc. The program itself is dumpable again after exec.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    fail("PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    fail("PR_SET_NO_NEW_PRIVS");
  if (fcntl(status_descriptor, F_SETFD, FD_CLOEXEC) != 0)
    return 1;
  pid_t program = fork();
  if (program < 0)
    fail("fork");
  if (program == 0)
    start_program(arguments);
  // Only the program's own reports stay open: a full pipe must not block us,
  // and no descriptor here may keep a pipe alive.
  for (int descriptor = 0; descriptor < status_descriptor; ++descriptor)
    close(descriptor);
  int wait_status = 0;
  for (;;) {
    pid_t ended = wait(&wait_status);
    if (ended == program)
      break;
    if (ended < 0 && errno != EINTR)
      fail("wait");
  }
  struct rusage usage;
  if (getrusage(RUSAGE_CHILDREN, &usage) != 0)
    fail("getrusage");
  struct artel_run_status status;
  memset(&status, 0, sizeof(status));
  status.kind = artel_status_ended;
  status.value = wait_status;
  status.cpu_microseconds =
    (uint64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000
    + (uint64_t)(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec);
  status.memory_peak_bytes = (uint64_t)usage.ru_maxrss * 1024;
  return report(&status) ? 0 : 1;
}
