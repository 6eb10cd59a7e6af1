#define _GNU_SOURCE
#include "tests/sandbox/hostile/programs/kit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <mqueue.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

enum { names_max = 64, line_max = 512 };

static int by_text(const void* a, const void* b) {
  return strcmp(*(char* const*)a, *(char* const*)b);
}

static void say_sorted(const char* label, char** names, size_t count) {
  char line[line_max];
  qsort(names, count, sizeof(*names), by_text);
  int used = snprintf(line, sizeof(line), "%s", label);
  for (size_t i = 0; i < count && used < line_max; ++i)
    used += snprintf(line + used, (size_t)(line_max - used), " %s", names[i]);
  say("%s", line);
}

/* The names in a directory, those that the filter lets through. */
static size_t list(const char* path, char** names,
                   int (*filter)(const char* name)) {
  DIR* directory = opendir(path);
  size_t count = 0;
  if (!directory)
    return 0;
  for (struct dirent* entry = readdir(directory); entry && count < names_max;
       entry = readdir(directory))
    if (strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0
        && (!filter || filter(entry->d_name)))
      names[count++] = strdup(entry->d_name);
  closedir(directory);
  return count;
}

static int is_number(const char* name) {
  return name[strspn(name, "0123456789")] == '\0';
}

/* The descriptor that lists the others is closed again by now. */
static int is_still_open(const char* name) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/fd/%s", name);
  return fcntl(atoi(name), F_GETFD) >= 0 && access(path, F_OK) == 0;
}

static void say_directory(const char* path) {
  char* names[names_max];
  say_sorted(path, names, list(path, names, NULL));
}

static void say_descriptors(void) {
  char* names[names_max];
  char* open_ones[names_max];
  size_t count = list("/proc/self/fd", names, NULL);
  size_t open_count = 0;
  for (size_t i = 0; i < count; ++i)
    if (is_still_open(names[i]))
      open_ones[open_count++] = names[i];
  say_sorted("descriptors", open_ones, open_count);
}

static void say_environment(void) {
  char* names[names_max];
  size_t count = 0;
  for (char** one = environ; *one && count < names_max; ++one)
    names[count++] = *one;
  say_sorted("environment", names, count);
}

static int count_lines(const char* path) {
  FILE* file = fopen(path, "r");
  int lines = 0;
  for (int c = file ? fgetc(file) : EOF; c != EOF; c = fgetc(file))
    lines += c == '\n';
  if (file)
    fclose(file);
  return lines;
}

/* Each table has a line of titles. */
static void say_ipc(void) {
  int objects = count_lines("/proc/sysvipc/shm")
                + count_lines("/proc/sysvipc/sem")
                + count_lines("/proc/sysvipc/msg") - 3;
  say("ipc %d", objects);
  mqd_t queue = mq_open("/poison", O_RDONLY);
  say("queue %s", queue < 0 ? strerrorname_np(errno) : "found");
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path + 1, "poison", 6);
  socklen_t size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + 7);
  int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  int bound = bind(listener, (struct sockaddr*)&address, size);
  say("socket %s", bound == 0 ? "free" : strerrorname_np(errno));
  close(listener);
}

static void add_file(const char* path, uint64_t* hash) {
  const uint64_t prime = UINT64_C(0x100000001b3);
  FILE* file = fopen(path, "r");
  if (!file)
    return;
  unsigned char buffer[4096];
  for (size_t count; (count = fread(buffer, 1, sizeof(buffer), file)) > 0;)
    for (size_t i = 0; i < count; ++i)
      *hash = (*hash ^ buffer[i]) * prime;
  fclose(file);
}

/* FNV-1a over the contents, in the order of the names. */
static void say_bundle(void) {
  uint64_t hash = UINT64_C(0xcbf29ce484222325);
  char* names[names_max];
  size_t count = list("/job", names, NULL);
  qsort(names, count, sizeof(*names), by_text);
  for (size_t i = 0; i < count; ++i) {
    char path[line_max];
    snprintf(path, sizeof(path), "/job/%s", names[i]);
    add_file(path, &hash);
  }
  say("job %016llx", (unsigned long long)hash);
}

static void say_signals(void) {
  int odd = 0;
  for (int number = 1; number < 32; ++number) {
    struct sigaction action;
    if (sigaction(number, NULL, &action) == 0 && action.sa_handler != SIG_DFL)
      ++odd;
  }
  sigset_t blocked;
  sigprocmask(SIG_SETMASK, NULL, &blocked);
  for (int number = 1; number < 32; ++number)
    odd += sigismember(&blocked, number) == 1;
  say("signals %d", odd);
}

static void say_work_is_usable(void) {
  const char text[] = "honest";
  char back[sizeof(text)] = "";
  int file =
    open("/work/honest.txt", O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  int fine = write(file, text, sizeof(text)) == (ssize_t)sizeof(text)
             && pread(file, back, sizeof(back), 0) == (ssize_t)sizeof(back)
             && strcmp(text, back) == 0;
  close(file);
  say("written %s", fine ? "yes" : "no");
}

int honest_main(void) {
  char* names[names_max];
  unsigned sum = 0;
  for (unsigned i = 1; i <= 1000; ++i)
    sum += i * i;
  say("honest %u", sum);
  say("user %u %u", getuid(), getgid());
  say_environment();
  say_directory("/work");
  say_directory("/dev/shm");
  say_directory("/output");
  say("processes %zu", list("/proc", names, is_number));
  say_descriptors();
  say_ipc();
  say_signals();
  say("nice %d", getpriority(PRIO_PROCESS, 0));
  say_bundle();
  say_work_is_usable();
  return 0;
}
