// The first process in a sandbox: starts the program under resource limits,
// reaps what it leaves behind, and reports on descriptor 3 how it ended and
// what files it left. When it ends itself, the kernel ends whatever else is
// left in its process namespace.
//
// Usage: artel-shim CPU_SECONDS ADDRESS_SPACE_BYTES FILE_BYTES OPEN_FILES
//                   PROCESSES [OPTION...] -- PROGRAM [ARGUMENT...]
//   --reports       the program may write to descriptor 3 too
//   --link NAME     make a link NAME to /job/NAME where the program starts
//   --output BYTES  collect the output files, BYTES of them in all
// Where there are no namespaces, so that this is an ordinary process:
//   --filter        descriptor 4 is a system call filter to be applied
//   --start DIR     where the program starts, and may write
//   --output-at DIR where its output files are, instead of /output
//   --show PATH     what else it may read
// Exit code: 0 reported, 1 wrong use or nothing could be reported.
#define _GNU_SOURCE
#include "sandbox/shim/confinement.h"
#include "sandbox/shim/descendants.h"
#include "sandbox/shim/output_files.h"
#include "sandbox/shim/report.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

enum { filter_descriptor = 4 };

struct settings {
  rlim_t cpu_seconds;
  rlim_t address_space_bytes;
  rlim_t file_bytes;
  rlim_t open_files;
  rlim_t processes;
  bool program_reports;
  bool collects_output;
  bool has_filter;
  const char* start_directory;
  const char* output_directory;
  struct confinement files;
  uint64_t output_bytes_max;
  char** program;
};

static _Noreturn void fail(const char* step) {
  report_status(artel_record_setup_failed, errno, step);
  _exit(1);
}

static rlim_t number(const char* text) {
  return (rlim_t)strtoull(text, NULL, 10);
}

static void make_link(const char* name) {
  char target[512];
  static const char directory[] = "/job/";
  size_t length = strlen(name);
  if (length + sizeof(directory) > sizeof(target)) {
    errno = ENAMETOOLONG;
    fail("link");
  }
  memcpy(target, directory, sizeof(directory) - 1);
  memcpy(target + sizeof(directory) - 1, name, length + 1);
  if (symlink(target, name) != 0)
    fail("link");
}

/// False on wrong use.
static bool read_settings(int count, char** arguments,
                          struct settings* settings) {
  enum { first_option = 6 };
  memset(settings, 0, sizeof(*settings));
  settings->output_directory = "/output";
  if (count <= first_option)
    return false;
  settings->cpu_seconds = number(arguments[1]);
  settings->address_space_bytes = number(arguments[2]);
  settings->file_bytes = number(arguments[3]);
  settings->open_files = number(arguments[4]);
  settings->processes = number(arguments[5]);
  for (int i = first_option; i < count; ++i) {
    bool has_value = i + 1 < count;
    if (strcmp(arguments[i], "--") == 0 && has_value) {
      settings->program = arguments + i + 1;
      return true;
    }
    if (strcmp(arguments[i], "--reports") == 0) {
      settings->program_reports = true;
    } else if (strcmp(arguments[i], "--link") == 0 && has_value) {
      make_link(arguments[++i]);
    } else if (strcmp(arguments[i], "--output") == 0 && has_value) {
      settings->collects_output = true;
      settings->output_bytes_max = number(arguments[++i]);
    } else if (strcmp(arguments[i], "--filter") == 0) {
      settings->has_filter = true;
    } else if (strcmp(arguments[i], "--start") == 0 && has_value) {
      settings->start_directory = arguments[++i];
    } else if (strcmp(arguments[i], "--output-at") == 0 && has_value) {
      settings->output_directory = arguments[++i];
    } else if (strcmp(arguments[i], "--show") == 0 && has_value
               && settings->files.shown_count < shown_paths_max) {
      settings->files.shown[settings->files.shown_count++] = arguments[++i];
    } else {
      return false;
    }
  }
  return false;
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

static void set_limits(const struct settings* settings) {
  // The second signal, a second later, can't be ignored.
  limit(RLIMIT_CPU, settings->cpu_seconds, settings->cpu_seconds + 1,
        "RLIMIT_CPU");
  limit(RLIMIT_AS, settings->address_space_bytes, settings->address_space_bytes,
        "RLIMIT_AS");
  limit(RLIMIT_FSIZE, settings->file_bytes, settings->file_bytes,
        "RLIMIT_FSIZE");
  limit(RLIMIT_CORE, 0, 0, "RLIMIT_CORE");
  limit(RLIMIT_MEMLOCK, 0, 0, "RLIMIT_MEMLOCK");
  limit(RLIMIT_NOFILE, settings->open_files, settings->open_files,
        "RLIMIT_NOFILE");
  // One more for this process, which counts too.
  limit(RLIMIT_NPROC, settings->processes + 1, settings->processes + 1,
        "RLIMIT_NPROC");
}

/// Not process 1 of a namespace.
static bool is_ordinary(const struct settings* settings) {
  return settings->start_directory != NULL;
}

static _Noreturn void start_program(const struct settings* settings) {
  setsid();
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, NULL);
  // An ordinary process does not end with its process namespace.
  if (is_ordinary(settings) && prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    fail("PR_SET_PDEATHSIG");
  set_limits(settings);
  if (settings->start_directory && chdir(settings->start_directory) != 0)
    fail("chdir");
  if (!confine_files(&settings->files))
    fail("landlock");
  if (settings->has_filter && !apply_filter(filter_descriptor))
    fail("seccomp");
  // 3 closes itself when the program starts, unless that may report.
  if (syscall(SYS_close_range, report_descriptor + 1, ~0U, 0) != 0)
    fail("close_range");
  if (settings->program_reports && fcntl(report_descriptor, F_SETFD, 0) != 0)
    fail("F_SETFD");
  execv(settings->program[0], settings->program);
  report_status(artel_record_exec_failed, errno, "exec");
  _exit(1);
}

/// Waits for the program, and for what others leave behind meanwhile.
static int await_program(pid_t program) {
  for (;;) {
    int wait_status = 0;
    pid_t ended = wait(&wait_status);
    if (ended == program)
      return wait_status;
    if (ended < 0 && errno != EINTR)
      fail("wait");
  }
}

/// So that nothing writes to the files that are read next; and without a
/// process namespace, so that nothing lives on.
static void end_all_others(const struct settings* settings) {
  if (is_ordinary(settings)) {
    end_descendants();
    return;
  }
  kill(-1, SIGKILL);
  while (wait(NULL) > 0 || errno == EINTR)
    continue;
}

int main(int count, char** arguments) {
  struct settings settings;
  if (!read_settings(count, arguments, &settings))
    return 1;
  // So that the program can neither trace this process nor write into its
  // descriptors by /proc. The program itself is dumpable again after exec.
  if (prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) != 0)
    fail("PR_SET_DUMPABLE");
  if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
    fail("PR_SET_NO_NEW_PRIVS");
  if (fcntl(report_descriptor, F_SETFD, FD_CLOEXEC) != 0)
    return 1;
  // Whoever started this reads our reports: where that is dead already, or dies
  // later, so do we.
  if (prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) != 0)
    fail("PR_SET_PDEATHSIG");
  struct pollfd reader = {report_descriptor, 0, 0};
  if (poll(&reader, 1, 0) != 0)
    return 1;
  if (is_ordinary(&settings)) {
    settings.files.start_directory = settings.start_directory;
    settings.files.output_directory = settings.output_directory;
    if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
      fail("PR_SET_CHILD_SUBREAPER");
  }
  pid_t program = fork();
  if (program < 0)
    fail("fork");
  if (program == 0)
    start_program(&settings);
  // Only the program's own reports stay open: a full pipe must not block us,
  // and no descriptor here may keep a pipe alive.
  for (int descriptor = 0; descriptor < report_descriptor; ++descriptor)
    close(descriptor);
  int wait_status = await_program(program);
  struct rusage usage;
  if (getrusage(RUSAGE_CHILDREN, &usage) != 0)
    fail("getrusage");
  if (!report_end(wait_status, &usage))
    return 1;
  bool collects = settings.collects_output && WIFEXITED(wait_status);
  if (collects || is_ordinary(&settings))
    end_all_others(&settings);
  if (!collects)
    return 0;
  return send_output_files(settings.output_directory, settings.output_bytes_max)
           ? 0
           : 1;
}
