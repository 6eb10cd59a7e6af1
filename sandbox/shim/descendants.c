#include "sandbox/shim/descendants.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <unistd.h>

/* A list of as many ids as a run may have processes, and more. */
enum { list_bytes = 1 << 16 };

static size_t read_children(char* list) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/self/task/%d/children", (int)getpid());
  int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0)
    return 0;
  size_t size = 0;
  for (ssize_t count = 1; count > 0 && size < list_bytes - 1;) {
    count = read(file, list + size, list_bytes - 1 - size);
    if (count > 0)
      size += (size_t)count;
  }
  close(file);
  list[size] = '\0';
  return size;
}

void end_descendants(void) {
  static char list[list_bytes];
  for (;;) {
    read_children(list);
    for (char* rest = list;;) {
      char* end = rest;
      long id = strtol(rest, &end, 10);
      if (end == rest || id <= 1)
        break;
      kill((pid_t)id, SIGKILL);
      rest = end;
    }
    /* Waits for one; those that come to us meanwhile are in the next list. */
    if (wait(NULL) < 0 && errno != EINTR)
      return;
  }
}
