/* Lies about how it ended, and leaves things for the job after it. */
#define _GNU_SOURCE
#include "tests/sandbox/hostile/programs/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mount.h>
#include <sys/msg.h>
#include <sys/resource.h>
#include <sys/sem.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sandbox/shim/run_status.h"

static void end_with(char** arguments) {
  exit(atoi(arguments[0]));
}

static void signal_itself(char** arguments) {
  kill(getpid(), atoi(arguments[0]));
  sleep_forever();
}

static void write_bytes(char** arguments) {
  static char data[4096];
  memset(data, 'x', sizeof(data));
  for (size_t left = strtoul(arguments[0], NULL, 10); left > 0;) {
    size_t wanted = left < sizeof(data) ? left : sizeof(data);
    ssize_t count = write(STDOUT_FILENO, data, wanted);
    if (count <= 0)
      _exit(1);
    left -= (size_t)count;
  }
}

static void call_mount(void) {
  umount2("/work", 0);
}

/* How the main program ends is how the run ends. */
static void child_killed(char** arguments) {
  (void)arguments;
  int status = 0;
  waitpid(start_child(call_mount), &status, 0);
  say("child ended by signal %d", WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void spin_on(void) {
  for (volatile uint64_t i = 0;; ++i)
    continue;
}

/* It goes on as if nothing were. */
static void child_past_cpu_limit(char** arguments) {
  (void)arguments;
  int status = 0;
  waitpid(start_child(spin_on), &status, 0);
}

/* A report as the sandbox's own first process writes it. */
static void forged_report(char** arguments) {
  (void)arguments;
  struct {
    struct artel_record_header header;
    struct artel_run_status status;
  } forged = {{artel_record_ended, sizeof(struct artel_run_status)}, {0}};
  int taken = 0;
  for (int descriptor = 3; descriptor < 1024; ++descriptor)
    taken += write(descriptor, &forged, sizeof(forged)) > 0;
  say("taken %d", taken);
  must_fail("/proc/1/fd/3", open("/proc/1/fd/3", O_WRONLY));
  must_fail("/proc/self/fd/3", open("/proc/self/fd/3", O_WRONLY));
  exit(3);
}

/* Output that bears the mark of a report is output. */
static void forged_output(char** arguments) {
  (void)arguments;
  write_bytes((char*[]){"0"});
  struct artel_record_header header = {artel_record_ended, 0};
  if (write(STDOUT_FILENO, &header, sizeof(header)) < 0
      || write(STDERR_FILENO, "{\"child-pid\": 1}\n", 17) < 0)
    _exit(1);
  exit(4);
}

static void close_everything(char** arguments) {
  (void)arguments;
  for (int descriptor = 0; descriptor < 64; ++descriptor)
    close(descriptor);
  sleep_forever();
}

static void flood(void) {
  for (;;)
    say("late");
}

/* A writer that is left behind can't outlive the run nor hang its end. */
static void late_writer(char** arguments) {
  (void)arguments;
  start_child(flood);
  usleep(10000);
}

static void drop_file(const char* directory) {
  char path[256];
  snprintf(path, sizeof(path), "%s/poison", directory);
  int file = open(path, O_WRONLY | O_CREAT, 0666);
  if (file < 0)
    return say("%s: %s", directory, strerrorname_np(errno));
  if (write(file, "poison", 6) != 6)
    say("%s: not written", directory);
  close(file);
  say("%s: written", directory);
}

static void poison_files(char** arguments) {
  (void)arguments;
  static const char* const places[] = {"/work", "/tmp",   "/dev/shm", "/job",
                                       "/usr",  "/etc",   "/",        "/proc",
                                       "/dev",  "/input", "/var/tmp"};
  for (size_t i = 0; i < sizeof(places) / sizeof(*places); ++i)
    drop_file(places[i]);
}

static void poison_ipc(char** arguments) {
  (void)arguments;
  int made = shmget(4711, 4096, IPC_CREAT | 0666) >= 0;
  made += semget(4711, 1, IPC_CREAT | 0666) >= 0;
  made += msgget(4711, IPC_CREAT | 0666) >= 0;
  say("made %d", made);
  // Not everywhere, so it is left out of the count.
  mq_open("/poison", O_RDWR | O_CREAT, 0666, NULL);
}

static void hold_socket(void) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path + 1, "poison", 6);
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  if (bind(listener, (struct sockaddr*)&address,
           (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 7))
      == 0)
    listen(listener, 8);
  sleep_forever();
}

static void poison_processes(char** arguments) {
  (void)arguments;
  umask(0);
  setpriority(PRIO_PROCESS, 0, 19);
  signal(SIGPIPE, SIG_IGN);
  for (int i = 0; i < 3; ++i)
    start_child(hold_socket);
  usleep(20000);
  say("left behind");
}

static void change_bundle(char** arguments) {
  (void)arguments;
  must_fail("open", open("/job/canary.txt", O_WRONLY));
  must_fail("truncate", truncate("/job/canary.txt", 0));
  must_fail("chmod", chmod("/job/canary.txt", 0777));
  must_fail("chmod directory", chmod("/job", 0777));
  must_fail("unlink", unlink("/job/canary.txt"));
  must_fail("rename", rename("/job/canary.txt", "/job/other"));
  must_fail("create", open("/job/new", O_WRONLY | O_CREAT, 0666));
  must_fail("symlink", symlink("/etc", "/job/link"));
  must_fail("through the link", open("/work/canary.txt", O_WRONLY | O_TRUNC));
  must_fail("program", open("/proc/self/exe", O_WRONLY));
  must_fail("program by name", open("/job/results", O_RDWR));
  must_fail("utimes", utimensat(AT_FDCWD, "/job/canary.txt", NULL, 0));
  must_fail("fchmod", fchmod(open("/job/canary.txt", O_RDONLY), 0777));
}

int main(int count, char** arguments) {
  static const struct attack attacks[] = {
    {"end_with", end_with},
    {"signal_itself", signal_itself},
    {"write_bytes", write_bytes},
    {"child_killed", child_killed},
    {"child_past_cpu_limit", child_past_cpu_limit},
    {"forged_report", forged_report},
    {"forged_output", forged_output},
    {"close_everything", close_everything},
    {"late_writer", late_writer},
    {"poison_files", poison_files},
    {"poison_ipc", poison_ipc},
    {"poison_processes", poison_processes},
    {"change_bundle", change_bundle},
  };
  return hostile_main(count, arguments, attacks,
                      sizeof(attacks) / sizeof(*attacks));
}
