/* Takes more memory than allowed, by every way to hold some. */
#define _GNU_SOURCE
#include "tests/sandbox/hostile/programs/kit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/msg.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static const size_t megabyte = 1 << 20;

/* The bytes got, a megabyte at a time, each page touched. */
static size_t touch(size_t bytes, int flags, int tells) {
  for (size_t held = 0; held < bytes; held += megabyte) {
    void* page = mmap(NULL, megabyte, PROT_READ | PROT_WRITE,
                      flags | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED)
      return held;
    memset(page, 1, megabyte);
    if (tells && (held + megabyte) % (8 * megabyte) == 0)
      say_holds(held + megabyte);
  }
  return bytes;
}

static void touched(char** arguments) {
  (void)arguments;
  touch(4096 * megabyte, MAP_PRIVATE, 1);
  say("no more: %s", strerrorname_np(errno));
  sleep_forever();
}

static void shared_map(char** arguments) {
  (void)arguments;
  touch(4096 * megabyte, MAP_SHARED, 1);
  say("no more: %s", strerrorname_np(errno));
  sleep_forever();
}

static void take_a_quarter(void) {
  touch(16 * megabyte, MAP_PRIVATE, 0);
  sleep_forever();
}

static void many(char** arguments) {
  (void)arguments;
  for (int i = 0; i < 12; ++i)
    start_child(take_a_quarter);
  sleep_forever();
}

static void take_much(void) {
  touch(200 * megabyte, MAP_PRIVATE, 0);
}

static void spike(char** arguments) {
  (void)arguments;
  start_child(take_much);
  wait(NULL);
  say("done");
}

static void reserve(char** arguments) {
  (void)arguments;
  const size_t terabyte = (size_t)1 << 40;
  void* page = mmap(NULL, terabyte, PROT_NONE,
                    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
  must_fail("mmap of a terabyte", page == MAP_FAILED ? -1 : 0);
  page = mmap(NULL, megabyte, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  page = mremap(page, megabyte, terabyte, MREMAP_MAYMOVE);
  must_fail("mremap to a terabyte", page == MAP_FAILED ? -1 : 0);
  must_fail("mlock", mlockall(MCL_CURRENT | MCL_FUTURE));
}

static const size_t piece = 4 << 20;

static int make_memfd(void) {
  int file = memfd_create("hostile", MFD_CLOEXEC);
  if (file < 0 || fallocate(file, 0, 0, (off_t)piece) != 0) {
    say("memfd: %s", strerrorname_np(errno));
    return -1;
  }
  return file;
}

static void memfd(char** arguments) {
  (void)arguments;
  for (size_t held = piece; make_memfd() >= 0; held += piece)
    say_holds(held);
  sleep_forever();
}

static int pass(int through, int file) {
  char byte = 0;
  struct iovec data = {&byte, 1};
  union {
    struct cmsghdr aligned;
    char bytes[CMSG_SPACE(sizeof(int))];
  } control;
  struct msghdr message = {.msg_iov = &data,
                           .msg_iovlen = 1,
                           .msg_control = control.bytes,
                           .msg_controllen = sizeof(control.bytes)};
  struct cmsghdr* header = CMSG_FIRSTHDR(&message);
  header->cmsg_level = SOL_SOCKET;
  header->cmsg_type = SCM_RIGHTS;
  header->cmsg_len = CMSG_LEN(sizeof(int));
  memcpy(CMSG_DATA(header), &file, sizeof(int));
  return sendmsg(through, &message, MSG_DONTWAIT) == 1 ? 0 : -1;
}

/* No process has them open: they are in a socket's queue. */
static void memfd_in_flight(char** arguments) {
  (void)arguments;
  int pair[2];
  if (socketpair(AF_UNIX, SOCK_DGRAM, 0, pair) != 0)
    return must_fail("socketpair", -1);
  for (size_t held = piece;; held += piece) {
    int file = make_memfd();
    if (file < 0 || pass(pair[0], file) != 0)
      break;
    close(file);
    say_holds(held);
  }
  say("no more: %s", strerrorname_np(errno));
  sleep_forever();
}

/* No process has them mapped. */
static void detached_shm(char** arguments) {
  (void)arguments;
  for (size_t held = piece; held <= 1024 * megabyte; held += piece) {
    int segment = shmget(IPC_PRIVATE, piece, IPC_CREAT | 0600);
    void* page = segment < 0 ? (void*)-1 : shmat(segment, NULL, 0);
    if (page == (void*)-1) {
      say("shm: %s", strerrorname_np(errno));
      return;
    }
    memset(page, 1, piece);
    shmdt(page);
    say_holds(held);
  }
  sleep_forever();
}

static void messages(char** arguments) {
  (void)arguments;
  static struct {
    long type;
    char text[8000];
  } message = {1, ""};
  size_t held = 0;
  size_t told = 0;
  for (;;) {
    int queue = msgget(IPC_PRIVATE, IPC_CREAT | 0600);
    if (queue < 0) {
      say("msgget: %s", strerrorname_np(errno));
      return;
    }
    while (msgsnd(queue, &message, sizeof(message.text), IPC_NOWAIT) == 0)
      held += sizeof(message.text);
    if (held - told > 8 * megabyte)
      say_holds(told = held);
  }
}

static size_t fill_socket(int sender) {
  static char data[64 << 10];
  size_t sent = 0;
  for (;;) {
    ssize_t count = send(sender, data, sizeof(data), MSG_DONTWAIT);
    if (count <= 0)
      return sent;
    sent += (size_t)count;
  }
}

static void hold_sockets(void) {
  int pair[2];
  while (socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0) {
    fill_socket(pair[0]);
    fill_socket(pair[1]);
  }
  sleep_forever();
}

static void sockets(char** arguments) {
  (void)arguments;
  for (int i = 0; i < 15; ++i)
    start_child(hold_sockets);
  sleep_forever();
}

static void inodes(char** arguments) {
  (void)arguments;
  char name[64];
  for (unsigned long count = 0;; ++count) {
    snprintf(name, sizeof(name), "inode-%lu", count);
    int file = open(name, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (file < 0)
      break;
    close(file);
  }
  say("create: %s", strerrorname_np(errno));
  sleep_forever();
}

/* The limit is told though the main program goes on and ends well. */
static void survivor(char** arguments) {
  (void)arguments;
  start_child(take_much);
  wait(NULL);
  usleep(20000);
}

int main(int count, char** arguments) {
  static const struct attack attacks[] = {
    {"touched", touched},
    {"shared_map", shared_map},
    {"many", many},
    {"spike", spike},
    {"reserve", reserve},
    {"memfd", memfd},
    {"memfd_in_flight", memfd_in_flight},
    {"detached_shm", detached_shm},
    {"messages", messages},
    {"sockets", sockets},
    {"inodes", inodes},
    {"survivor", survivor},
  };
  return hostile_main(count, arguments, attacks,
                      sizeof(attacks) / sizeof(*attacks));
}
