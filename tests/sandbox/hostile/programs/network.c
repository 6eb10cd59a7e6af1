/* Looks for somebody to talk to. */
#define _GNU_SOURCE
#include "tests/sandbox/hostile/programs/kit.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <unistd.h>

static struct sockaddr_in loopback(const char* port) {
  struct sockaddr_in address = {.sin_family = AF_INET,
                                .sin_port = htons((uint16_t)atoi(port)),
                                .sin_addr = {htonl(INADDR_LOOPBACK)}};
  return address;
}

static void tcp(char** arguments) {
  struct sockaddr_in address = loopback(arguments[0]);
  int made = socket(AF_INET, SOCK_STREAM, 0);
  must_fail("tcp socket", made);
  if (made >= 0)
    must_fail("tcp connect",
              connect(made, (struct sockaddr*)&address, sizeof(address)));
  must_fail("tcp6 socket", socket(AF_INET6, SOCK_STREAM, 0));
}

static void udp(char** arguments) {
  struct sockaddr_in address = loopback(arguments[0]);
  int made = socket(AF_INET, SOCK_DGRAM, 0);
  must_fail("udp socket", made);
  if (made >= 0)
    must_fail("udp send", sendto(made, "hostile", 7, 0,
                                 (struct sockaddr*)&address, sizeof(address)));
}

static void listening(char** arguments) {
  (void)arguments;
  struct sockaddr_in address = loopback("0");
  int made = socket(AF_INET, SOCK_STREAM, 0);
  must_fail("socket", made);
  must_fail("bind", bind(made, (struct sockaddr*)&address, sizeof(address)));
}

static void raw(char** arguments) {
  (void)arguments;
  must_fail("raw icmp", socket(AF_INET, SOCK_RAW, IPPROTO_ICMP));
  must_fail("ping", socket(AF_INET, SOCK_DGRAM, IPPROTO_ICMP));
  must_fail("packet", socket(AF_PACKET, SOCK_RAW, htons(3)));
}

static void netlink(char** arguments) {
  (void)arguments;
  for (int protocol = 0; protocol < 23; ++protocol) {
    char what[32];
    snprintf(what, sizeof(what), "netlink %d", protocol);
    must_fail(what, socket(AF_NETLINK, SOCK_RAW, protocol));
  }
}

static void vsock(char** arguments) {
  (void)arguments;
  must_fail("vsock", socket(AF_VSOCK, SOCK_STREAM, 0));
}

/* The filter and the kernel may look at different halves of an argument. */
static void families(char** arguments) {
  (void)arguments;
  static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW,
                              SOCK_SEQPACKET};
  int failed = 0;
  for (long family = 0; family < 64; ++family)
    for (size_t i = 0; i < sizeof(types) / sizeof(*types); ++i) {
      if (family == AF_UNIX)
        continue;
      const long high = (long)AF_UNIX << 32;
      long made = syscall(SYS_socket, family, types[i], 0);
      long hidden = syscall(SYS_socket, family | high, types[i], 0);
      int pair[2];
      long paired = syscall(SYS_socketpair, family, types[i], 0, pair);
      if (made >= 0 || hidden >= 0 || paired >= 0)
        say("escaped: family %ld type %d", family, types[i]);
      else
        ++failed;
    }
  say("failed %d", failed);
}

static long connect_unix(const char* name, size_t size) {
  struct sockaddr_un address = {.sun_family = AF_UNIX};
  memcpy(address.sun_path, name, size);
  int made = socket(AF_UNIX, SOCK_STREAM, 0);
  long done =
    connect(made, (struct sockaddr*)&address,
            (socklen_t)(offsetof(struct sockaddr_un, sun_path) + size));
  int error = errno;
  close(made);
  errno = error;
  return done;
}

static void abstract_unix(char** arguments) {
  char name[108] = "";
  size_t length = strlen(arguments[0]);
  memcpy(name + 1, arguments[0], length);
  must_fail("abstract connect", connect_unix(name, length + 1));
}

static void path_unix(char** arguments) {
  must_fail("the host's socket",
            connect_unix(arguments[0], strlen(arguments[0]) + 1));
  static const char* const known[] = {
    "/run/systemd/private", "/run/dbus/system_bus_socket",
    "/run/docker.sock",     "/var/run/nscd/socket",
    "/tmp/.X11-unix/X0",    "/run/systemd/journal/socket"};
  for (size_t i = 0; i < sizeof(known) / sizeof(*known); ++i)
    must_fail(known[i], connect_unix(known[i], strlen(known[i]) + 1));
}

/* Lines that hold the text; all where that is empty. */
static int count_lines(const char* path, const char* text) {
  FILE* file = fopen(path, "r");
  char line[512];
  int count = 0;
  while (file && fgets(line, sizeof(line), file))
    count += strstr(line, text) != NULL;
  if (file)
    fclose(file);
  return count;
}

/* Each table has a line of titles. */
static void tables(char** arguments) {
  if (count_lines("/proc/net/unix", arguments[0]) > 0)
    say("escaped: sees the host's abstract sockets");
  say("unix sockets %d", count_lines("/proc/net/unix", "") - 1);
  say("tcp sockets %d", count_lines("/proc/net/tcp", "") - 1);
  say("routes %d", count_lines("/proc/net/route", "") - 1);
  say("interfaces %d", count_lines("/proc/net/dev", ":"));
}

static void dns(char** arguments) {
  (void)arguments;
  must_fail("socket for port 53", socket(AF_INET, SOCK_DGRAM, 0));
  must_fail("resolv.conf", open("/etc/resolv.conf", O_RDONLY));
  must_fail("hosts", open("/etc/hosts", O_RDONLY));
}

int main(int count, char** arguments) {
  static const struct attack attacks[] = {
    {"tcp", tcp},
    {"udp", udp},
    {"listening", listening},
    {"raw", raw},
    {"netlink", netlink},
    {"vsock", vsock},
    {"families", families},
    {"abstract_unix", abstract_unix},
    {"path_unix", path_unix},
    {"tables", tables},
    {"dns", dns},
  };
  return hostile_main(count, arguments, attacks,
                      sizeof(attacks) / sizeof(*attacks));
}
