/* Takes processes, time, descriptors, disk and pipes, and doesn't stop when it
 * is asked to. */
#define _GNU_SOURCE
#include "tests/sandbox/hostile/programs/kit.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

enum { megabyte = 1 << 20 };

static int count_processes(void) {
  DIR* directory = opendir("/proc");
  int count = 0;
  for (struct dirent* entry = directory ? readdir(directory) : NULL; entry;
       entry = readdir(directory))
    count += isdigit((unsigned char)entry->d_name[0]) != 0;
  if (directory)
    closedir(directory);
  return count;
}

static void fork_without_end(void) {
  for (;;)
    fork();
}

/* The count leaves out the first process and this one. */
static void fork_bomb(char** arguments) {
  (void)arguments;
  start_child(fork_without_end);
  usleep(100000);
  say("others %d", count_processes() - 2);
  fork_without_end();
}

static void* sleep_in_thread(void* unused) {
  (void)unused;
  sleep_forever();
}

static void thread_bomb(char** arguments) {
  (void)arguments;
  pthread_attr_t small;
  pthread_attr_init(&small);
  pthread_attr_setstacksize(&small, 64 << 10);
  int threads = 1;
  for (;; ++threads) {
    pthread_t thread;
    int error = pthread_create(&thread, &small, sleep_in_thread, NULL);
    if (error != 0) {
      say("pthread_create: %s", strerrorname_np(error));
      break;
    }
  }
  say("threads %d", threads);
  _exit(0);
}

static void zombies(char** arguments) {
  (void)arguments;
  int count = 1;
  for (;; ++count) {
    int child = fork();
    if (child == 0)
      _exit(0);
    if (child < 0)
      break;
  }
  say("fork: %s", strerrorname_np(errno));
  say("processes %d", count);
}

static void descriptors(char** arguments) {
  (void)arguments;
  int count = 3;
  while (open("/dev/null", O_RDONLY) >= 0)
    ++count;
  say("open: %s", strerrorname_np(errno));
  say("descriptors %d", count);
}

static void sparse_file(char** arguments) {
  (void)arguments;
  int file = open("sparse", O_RDWR | O_CREAT, 0600);
  must_fail("ftruncate", ftruncate(file, (off_t)1 << 40));
}

static void sparse_write(char** arguments) {
  (void)arguments;
  int file = open("sparse", O_RDWR | O_CREAT, 0600);
  must_fail("pwrite", pwrite(file, "x", 1, (off_t)1 << 40));
}

/* The megabytes that fit in a file. */
static int fill(int file) {
  static char data[megabyte];
  int count = 0;
  while (write(file, data, sizeof(data)) == (ssize_t)sizeof(data))
    ++count;
  return count;
}

static void big_file(char** arguments) {
  (void)arguments;
  fill(open("big", O_WRONLY | O_CREAT, 0600));
  say("escaped: wrote on");
}

static void big_file_ignoring(char** arguments) {
  (void)arguments;
  signal(SIGXFSZ, SIG_IGN);
  int count = fill(open("big", O_WRONLY | O_CREAT, 0600));
  say("write: %s", strerrorname_np(errno));
  say("megabytes %d", count);
}

static void disk(char** arguments) {
  (void)arguments;
  signal(SIGXFSZ, SIG_IGN);
  int count = 0;
  do {
    char name[32];
    snprintf(name, sizeof(name), "file-%d", count);
    int file = open(name, O_WRONLY | O_CREAT, 0600);
    count += fill(file);
    close(file);
  } while (errno == EFBIG && count < 1024);
  say("write: %s", strerrorname_np(errno));
  say("megabytes %d", count);
}

static void endless_output(char** arguments) {
  (void)arguments;
  fill(STDOUT_FILENO);
}

static void much_stderr(char** arguments) {
  (void)arguments;
  static char data[megabyte];
  memset(data, 'e', sizeof(data));
  for (int i = 0; i < 32; ++i)
    for (size_t done = 0; done < sizeof(data);) {
      ssize_t count = write(STDERR_FILENO, data + done, sizeof(data) - done);
      if (count <= 0)
        return must_fail("stderr", -1);
      done += (size_t)count;
    }
  say("done");
}

/* Standard input has more than a pipe holds, and nobody reads it. */
static void unread_input(char** arguments) {
  (void)arguments;
  say("done");
}

static void undrained_pipe(char** arguments) {
  (void)arguments;
  int ends[2];
  if (pipe(ends) == 0)
    fill(ends[1]);
}

static void spin_now(void) {
  for (volatile uint64_t i = 0;; ++i)
    continue;
}

static void spin(char** arguments) {
  (void)arguments;
  spin_now();
}

static void spin_many(char** arguments) {
  (void)arguments;
  for (int i = 0; i < 8; ++i)
    start_child(spin_now);
  sleep_forever();
}

static void ignore_all(void) {
  sigset_t all;
  for (int number = 1; number < 65; ++number)
    signal(number, SIG_IGN);
  sigfillset(&all);
  sigprocmask(SIG_SETMASK, &all, NULL);
}

static void spin_ignoring(char** arguments) {
  (void)arguments;
  ignore_all();
  spin_now();
}

static void spin_a_little(void) {
  for (volatile int i = 0; i < 4000000; ++i)
    continue;
}

/* What children use whom nobody waits for is on no one's account. */
static void spin_unaccounted(char** arguments) {
  (void)arguments;
  signal(SIGCHLD, SIG_IGN);
  for (;;) {
    if (start_child(spin_a_little) < 0)
      usleep(1000);
    usleep(2000);
  }
}

static void oversleep(char** arguments) {
  (void)arguments;
  sleep_forever();
}

static void ignore_signals(char** arguments) {
  (void)arguments;
  ignore_all();
  for (;;)
    sleep(1);
}

static void stop_itself(char** arguments) {
  (void)arguments;
  kill(getpid(), SIGSTOP);
  say("escaped: went on");
}

static void live_on(void) {
  setsid();
  if (fork() != 0)
    _exit(0);
  signal(SIGHUP, SIG_IGN);
  sleep_forever();
}

/* It keeps standard output open, too. */
static void daemons(char** arguments) {
  (void)arguments;
  for (int i = 0; i < 3; ++i)
    start_child(live_on);
  usleep(20000);
  say("done");
}

static void kill_all(char** arguments) {
  (void)arguments;
  start_child(live_on);
  usleep(20000);
  say("kill: %d", kill(-1, SIGKILL));
  kill(-1, SIGSTOP);
  say("alive");
}

static void kill_init(char** arguments) {
  (void)arguments;
  static const int numbers[] = {SIGKILL, SIGSTOP, SIGTERM, SIGHUP, SIGSEGV};
  for (size_t i = 0; i < sizeof(numbers) / sizeof(*numbers); ++i)
    kill(1, numbers[i]);
  usleep(20000);
  say("parent %d", getppid());
  say("alive");
}

/* A limit on processor time kills even the first process of a namespace, and
 * then nobody could tell what ended the run. */
static void limit_init(char** arguments) {
  (void)arguments;
  const struct rlimit none = {0, 0};
  must_fail("RLIMIT_CPU of 1", prlimit(1, RLIMIT_CPU, &none, NULL));
  must_fail("RLIMIT_NOFILE of 1", prlimit(1, RLIMIT_NOFILE, &none, NULL));
  must_fail("RLIMIT_AS of 1", prlimit(1, RLIMIT_AS, &none, NULL));
  // Orphans give the first process something to do, and its clock a tick.
  for (int i = 0; i < 3000; ++i) {
    int child = fork();
    if (child == 0) {
      fork();
      _exit(0);
    }
    waitpid(child, NULL, 0);
  }
  say("alive");
}

static void raise_limits(char** arguments) {
  (void)arguments;
  static const struct {
    const char* name;
    int resource;
  } all[] = {
    {"RLIMIT_CPU", RLIMIT_CPU},        {"RLIMIT_AS", RLIMIT_AS},
    {"RLIMIT_FSIZE", RLIMIT_FSIZE},    {"RLIMIT_NOFILE", RLIMIT_NOFILE},
    {"RLIMIT_NPROC", RLIMIT_NPROC},    {"RLIMIT_CORE", RLIMIT_CORE},
    {"RLIMIT_MEMLOCK", RLIMIT_MEMLOCK}};
  for (size_t i = 0; i < sizeof(all) / sizeof(*all); ++i) {
    const struct rlimit unlimited = {RLIM_INFINITY, RLIM_INFINITY};
    must_fail(all[i].name, setrlimit(all[i].resource, &unlimited));
  }
}

static void priorities(char** arguments) {
  (void)arguments;
  const struct sched_param most = {.sched_priority = 99};
  must_fail("nice -20", setpriority(PRIO_PROCESS, 0, -20));
  must_fail("SCHED_FIFO", sched_setscheduler(0, SCHED_FIFO, &most));
  must_fail("SCHED_RR", sched_setscheduler(0, SCHED_RR, &most));
}

int main(int count, char** arguments) {
  static const struct attack attacks[] = {
    {"fork_bomb", fork_bomb},
    {"thread_bomb", thread_bomb},
    {"zombies", zombies},
    {"descriptors", descriptors},
    {"sparse_file", sparse_file},
    {"sparse_write", sparse_write},
    {"big_file", big_file},
    {"big_file_ignoring", big_file_ignoring},
    {"disk", disk},
    {"endless_output", endless_output},
    {"much_stderr", much_stderr},
    {"unread_input", unread_input},
    {"undrained_pipe", undrained_pipe},
    {"spin", spin},
    {"spin_many", spin_many},
    {"spin_ignoring", spin_ignoring},
    {"spin_unaccounted", spin_unaccounted},
    {"oversleep", oversleep},
    {"ignore_signals", ignore_signals},
    {"stop_itself", stop_itself},
    {"daemons", daemons},
    {"kill_all", kill_all},
    {"kill_init", kill_init},
    {"limit_init", limit_init},
    {"raise_limits", raise_limits},
    {"priorities", priorities},
  };
  return hostile_main(count, arguments, attacks,
                      sizeof(attacks) / sizeof(*attacks));
}
