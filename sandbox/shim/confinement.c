#define _GNU_SOURCE
#include "sandbox/shim/confinement.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/landlock.h>
#include <linux/seccomp.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

/* Before its second version Landlock forbids to move a file from one directory
 * to another, which programs do. */
enum { oldest_version = 2, truncation_version = 3 };

static const uint64_t reading = LANDLOCK_ACCESS_FS_EXECUTE
                                | LANDLOCK_ACCESS_FS_READ_FILE
                                | LANDLOCK_ACCESS_FS_READ_DIR;

/* Of all rights, those that mean something for a file. */
static const uint64_t for_files = LANDLOCK_ACCESS_FS_EXECUTE
                                  | LANDLOCK_ACCESS_FS_READ_FILE
                                  | LANDLOCK_ACCESS_FS_WRITE_FILE | (1u << 14);

static uint64_t everything_of(long version) {
  const uint64_t refer = 1u << 13;
  const uint64_t truncate = 1u << 14;
  uint64_t everything = ((uint64_t)LANDLOCK_ACCESS_FS_MAKE_SYM << 1) - 1;
  return everything | refer | (version >= truncation_version ? truncate : 0);
}

/* True also where there is no such file. What only directories know is left out
 * for others. */
static bool allow(int ruleset, const char* path, uint64_t access) {
  int directory = open(path, O_PATH | O_CLOEXEC);
  struct stat status;
  if (directory < 0)
    return errno == ENOENT;
  if (fstat(directory, &status) == 0 && !S_ISDIR(status.st_mode))
    access &= for_files;
  struct landlock_path_beneath_attr rule = {access, directory};
  long added = syscall(SYS_landlock_add_rule, ruleset,
                       LANDLOCK_RULE_PATH_BENEATH, &rule, 0);
  close(directory);
  return added == 0;
}

/* Signals and abstract sockets reach nobody outside. */
static const uint64_t own_scope = 3;
enum { scope_version = 6 };

static int make_ruleset(long version, uint64_t everything, bool scoped) {
  struct {
    uint64_t handled_files;
    uint64_t handled_network;
    uint64_t scoped;
  } attributes = {everything, 0, 0};
  size_t size = sizeof(attributes.handled_files);
  if (scoped && version >= scope_version) {
    attributes.scoped = own_scope;
    size = sizeof(attributes);
  }
  return (int)syscall(SYS_landlock_create_ruleset, &attributes, size, 0);
}

static bool allow_in_namespaces(int ruleset, uint64_t everything) {
  const uint64_t writing = everything & ~(uint64_t)LANDLOCK_ACCESS_FS_EXECUTE;
  return allow(ruleset, "/", reading) && allow(ruleset, "/dev", writing)
         && allow(ruleset, "/proc", writing)
         && allow(ruleset, "/work", everything)
         && allow(ruleset, "/output", everything);
}

static bool allow_alone(int ruleset, const struct confinement* files,
                        uint64_t everything) {
  static const char* const system[] = {"/usr",
                                       "/bin",
                                       "/sbin",
                                       "/lib",
                                       "/lib32",
                                       "/lib64",
                                       "/libx32",
                                       "/etc/ld.so.cache",
                                       "/etc/alternatives"};
  static const char* const devices[] = {"/dev/null", "/dev/zero", "/dev/full",
                                        "/dev/random", "/dev/urandom"};
  const uint64_t use =
    LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE;
  bool done = allow(ruleset, files->start_directory, everything)
              && allow(ruleset, files->output_directory, everything);
  for (size_t i = 0; i < sizeof(system) / sizeof(*system); ++i)
    done = done && allow(ruleset, system[i], reading);
  for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); ++i)
    done = done && allow(ruleset, devices[i], use);
  for (int i = 0; i < files->shown_count; ++i)
    done = done && allow(ruleset, files->shown[i], reading);
  return done;
}

bool confine_files(const struct confinement* files) {
  long version = syscall(SYS_landlock_create_ruleset, NULL, 0,
                         LANDLOCK_CREATE_RULESET_VERSION);
  if (version < oldest_version)
    return true;
  const uint64_t everything = everything_of(version);
  bool alone = files->start_directory != NULL;
  int ruleset = make_ruleset(version, everything, alone);
  if (ruleset < 0)
    return false;
  bool done = (alone ? allow_alone(ruleset, files, everything)
                     : allow_in_namespaces(ruleset, everything))
              && syscall(SYS_landlock_restrict_self, ruleset, 0) == 0;
  close(ruleset);
  return done;
}

bool apply_filter(int descriptor) {
  static struct sock_filter instructions[BPF_MAXINSNS];
  ssize_t size = read(descriptor, instructions, sizeof(instructions));
  if (size <= 0)
    return false;
  struct sock_fprog program = {
    (unsigned short)((size_t)size / sizeof(*instructions)), instructions};
  return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}
