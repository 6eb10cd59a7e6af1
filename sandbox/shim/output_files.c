#define _GNU_SOURCE
#include "sandbox/shim/output_files.h"

#include "sandbox/shim/report.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

enum {
  /* As the protocol has it: limits::output_files_max and name_bytes_max. */
  files_max = 1024,
  name_bytes_max = 255,
  /* Directories and files looked at in all. */
  entries_max = 65536,
  buffer_bytes = 64 << 10,
};

struct walk {
  int root;
  uint64_t bytes_left;
  unsigned files;
  unsigned entries;
  /* What is wrong, and the errno of it; empty while all is well. */
  const char* problem;
  int error;
  /* The path below the root. */
  char path[name_bytes_max + 1];
};

static bool stop(struct walk* walk, const char* problem, int error) {
  walk->problem = problem;
  walk->error = error;
  return false;
}

/* Below the root, following no link of any kind. */
static int open_below(const struct walk* walk, const char* path, int flags) {
  struct open_how how;
  memset(&how, 0, sizeof(how));
  how.flags =
    (uint64_t)(flags | O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS
                | RESOLVE_NO_XDEV;
  return (int)syscall(SYS_openat2, walk->root, path, &how, sizeof(how));
}

static bool send_content(int file, uint64_t size) {
  static char buffer[buffer_bytes];
  while (size > 0) {
    size_t wanted = size < sizeof(buffer) ? (size_t)size : sizeof(buffer);
    ssize_t count = read(file, buffer, wanted);
    if (count < 0 && errno == EINTR)
      continue;
    // Nothing else is alive, so a file can't shrink.
    if (count <= 0 || !report_bytes(buffer, (size_t)count))
      return false;
    size -= (uint64_t)count;
  }
  return true;
}

static bool send_file(struct walk* walk, const struct stat* status) {
  uint64_t size = (uint64_t)status->st_size;
  if (size > walk->bytes_left)
    return stop(walk, "size of all files", EFBIG);
  if (++walk->files > files_max)
    return stop(walk, "number of files", EMFILE);
  int file = open_below(walk, walk->path, 0);
  if (file < 0)
    return stop(walk, "open", errno);
  walk->bytes_left -= size;
  size_t name_bytes = strlen(walk->path);
  struct {
    struct artel_record_header header;
    struct artel_file_head head;
  } start = {{artel_record_file,
              (uint32_t)(sizeof(struct artel_file_head) + name_bytes + size)},
             {(uint32_t)name_bytes, 0, size}};
  bool sent = report_bytes(&start, sizeof(start))
              && report_bytes(walk->path, name_bytes)
              && send_content(file, size);
  close(file);
  return sent || stop(walk, "read", errno);
}

static bool visit_directory(struct walk* walk, size_t length);

/* The entry's path is in place. */
static bool visit(struct walk* walk, int directory, const char* name,
                  size_t length) {
  struct stat status;
  if (++walk->entries > entries_max)
    return stop(walk, "number of entries", EMFILE);
  if (fstatat(directory, name, &status, AT_SYMLINK_NOFOLLOW) != 0)
    return stop(walk, "stat", errno);
  if (S_ISDIR(status.st_mode))
    return visit_directory(walk, length);
  return !S_ISREG(status.st_mode) || send_file(walk, &status);
}

/* Each level takes a byte and a slash of the path at least, so the recursion
 * ends. */
static bool visit_directory(struct walk* walk, size_t length) {
  int handle = open_below(walk, length == 0 ? "." : walk->path, O_DIRECTORY);
  DIR* directory = handle < 0 ? NULL : fdopendir(handle);
  if (!directory) {
    int error = errno;
    if (handle >= 0)
      close(handle);
    return stop(walk, "open directory", error);
  }
  bool sound = true;
  for (struct dirent* entry = readdir(directory); entry && sound;
       entry = readdir(directory)) {
    const char* name = entry->d_name;
    if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
      continue;
    size_t slash = length == 0 ? 0 : 1;
    size_t end = length + slash + strlen(name);
    if (end > name_bytes_max) {
      sound = stop(walk, "length of a name", ENAMETOOLONG);
      break;
    }
    if (slash)
      walk->path[length] = '/';
    strcpy(walk->path + length + slash, name);
    sound = visit(walk, handle, name, end);
    walk->path[length] = '\0';
  }
  closedir(directory);
  return sound;
}

bool send_output_files(const char* directory, uint64_t bytes_max) {
  static struct walk walk;
  walk.bytes_left = bytes_max;
  walk.root = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (walk.root < 0)
    stop(&walk, "open output", errno);
  else
    visit_directory(&walk, 0);
  return walk.problem == NULL
         || report_status(artel_record_files_incomplete, walk.error,
                          walk.problem);
}
