/* Reads and writes what is not its own. */
#define _GNU_SOURCE
#include "tests/sandbox/hostile/programs/kit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

static void must_not_open(const char* path, int flags) {
  must_fail(path, open(path, flags | O_CLOEXEC));
}

/* Some can be opened, and then don't tell anything. */
static void must_not_read(const char* path) {
  char byte;
  int file = open(path, O_RDONLY | O_CLOEXEC);
  DIR* directory = file < 0 ? NULL : fdopendir(file);
  if (!directory)
    return must_fail(path, file < 0 ? -1 : read(file, &byte, 1));
  errno = 0;
  int entries = 0;
  for (struct dirent* entry = readdir(directory); entry;
       entry = readdir(directory))
    entries += entry->d_name[0] != '.';
  must_fail(path, entries > 0 ? entries : -1);
  closedir(directory);
}

/* Where the sandbox has such a directory itself, the file isn't in it. */
static void dot_dot(char** arguments) {
  static const char* const starts[] = {
    "..",           "../../../../../..",        "/job/..",
    "/job/../..",   "/work/../../..",           "/proc/self/cwd/../..",
    "/input/../..", "/proc/self/root/../../..", "/usr/../.."};
  for (size_t i = 0; i < sizeof(starts) / sizeof(*starts); ++i) {
    char path[512];
    static const char* const ends[] = {"/etc/shadow", "/etc/passwd",
                                       "/root/.profile", "/var/log/dpkg.log"};
    for (size_t j = 0; j < sizeof(ends) / sizeof(*ends); ++j) {
      snprintf(path, sizeof(path), "%s%s", starts[i], ends[j]);
      must_not_open(path, O_RDONLY);
    }
    snprintf(path, sizeof(path), "%s%s", starts[i], arguments[0]);
    must_not_open(path, O_RDONLY);
  }
}

static void absolute(char** arguments) {
  for (; *arguments; ++arguments)
    must_not_open(*arguments, O_RDONLY);
  static const char* const hosts[] = {
    "/etc/shadow", "/etc/passwd", "/etc/ssh", "/root", "/home", "/var",
    "/sys",        "/boot",       "/run",     "/opt",  "/srv",  "/mnt"};
  for (size_t i = 0; i < sizeof(hosts) / sizeof(*hosts); ++i)
    must_not_open(hosts[i], O_RDONLY);
}

static void symlinks(char** arguments) {
  if (symlink("/etc/shadow", "shadow") != 0
      || symlink(arguments[0], "canary") != 0
      || symlink("../../../../etc", "up") != 0
      || symlink("/proc/1/root", "first") != 0)
    return must_fail("symlink", -1);
  must_not_open("shadow", O_RDONLY);
  must_not_open("canary", O_RDONLY);
  must_not_open("up/shadow", O_RDONLY);
  must_not_open("first/etc", O_RDONLY);
  must_not_open("canary", O_WRONLY | O_CREAT);
}

static void hard_links(char** arguments) {
  (void)arguments;
  must_fail("of the machine", link("/usr/bin/env", "/work/env"));
  must_fail("of the bundle", link("/job/canary.txt", "/work/bundle"));
  must_fail("of the shim", link("/artel-shim", "/work/shim"));
  must_fail("into the bundle", link("/work/none", "/job/none"));
  must_fail("of an open file", linkat(open("/usr/bin/env", O_RDONLY), "",
                                      AT_FDCWD, "/work/env", AT_EMPTY_PATH));
}

static void swap_names(void) {
  for (;;)
    syscall(SYS_renameat2, AT_FDCWD, "one", AT_FDCWD, "two", 2);
}

/* What is behind a name changes while others look at it. */
static void symlink_race(char** arguments) {
  close(open("one", O_WRONLY | O_CREAT, 0600));
  if (symlink(arguments[0], "two") != 0)
    return must_fail("symlink", -1);
  int child = start_child(swap_names);
  int opened = 0;
  for (int i = 0; i < 20000; ++i) {
    char text[16] = "";
    int file = open("one", O_RDONLY);
    if (file >= 0 && read(file, text, sizeof(text)) > 0)
      say("escaped: read the host's file");
    if (file >= 0) {
      ++opened;
      close(file);
    }
  }
  kill(child, SIGKILL);
  say(opened > 0 ? "raced" : "never opened");
}

static void own_proc(char** arguments) {
  must_not_open("/proc/self/mem", O_RDWR);
  must_not_open("/proc/self/exe", O_WRONLY);
  must_not_open("/proc/self/oom_score_adj", O_WRONLY);
  must_not_open("/proc/self/setgroups", O_WRONLY);
  must_not_open("/proc/self/comm", O_WRONLY);
  FILE* file = fopen("/proc/self/environ", "r");
  char text[4096] = "";
  size_t size = file ? fread(text, 1, sizeof(text) - 1, file) : 0;
  if (memmem(text, size, arguments[0], strlen(arguments[0])))
    say("escaped: sees the secret in its environment");
  say("environ %s", size > 0 ? "read" : "empty");
}

static void first_process(char** arguments) {
  (void)arguments;
  static const char* const parts[] = {
    "root/etc", "cwd/..", "exe",       "mem",     "environ",    "fd/0",
    "fd/3",     "maps",   "auxv",      "syscall", "stack",      "fdinfo/3",
    "io",       "smaps",  "map_files", "pagemap", "personality"};
  for (size_t i = 0; i < sizeof(parts) / sizeof(*parts); ++i) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/1/%s", parts[i]);
    must_not_read(path);
  }
}

/* By ids, too, that are the host's. */
static void other_processes(char** arguments) {
  char path[64];
  snprintf(path, sizeof(path), "/proc/%s/environ", arguments[0]);
  must_not_open(path, O_RDONLY);
  must_fail("kill", kill(atoi(arguments[0]), 0));
  int seen = 0;
  for (int id = 2; id < 65536; ++id)
    if (id != getpid() && kill(id, 0) == 0)
      ++seen;
  say("others %d", seen);
}

static void device_files(char** arguments) {
  (void)arguments;
  static const char* const devices[] = {
    "/dev/mem",         "/dev/kmem",        "/dev/port",   "/dev/kmsg",
    "/dev/sda",         "/dev/vda",         "/dev/loop0",  "/dev/kvm",
    "/dev/fuse",        "/dev/net/tun",     "/dev/uinput", "/dev/dm-0",
    "/dev/tty0",        "/dev/ttyS0",       "/dev/hwrng",  "/dev/vsock",
    "/dev/userfaultfd", "/dev/loop-control"};
  for (size_t i = 0; i < sizeof(devices) / sizeof(*devices); ++i)
    must_not_open(devices[i], O_RDWR);
  must_fail("create in /dev", open("/dev/new", O_WRONLY | O_CREAT, 0600));
  must_fail("create in /dev/shm",
            open("/dev/shm/new", O_WRONLY | O_CREAT, 0600));
}

static int count_inherited(void) {
  int found = 0;
  for (int descriptor = 3; descriptor < 4096; ++descriptor)
    if (fcntl(descriptor, F_GETFD) >= 0) {
      say("escaped: descriptor %d", descriptor);
      ++found;
    }
  return found;
}

/* The three that there are must be pipes: they lead nowhere else. */
static void inherited(char** arguments) {
  for (int descriptor = 0; descriptor < 3; ++descriptor) {
    struct stat status;
    if (fstat(descriptor, &status) != 0 || !S_ISFIFO(status.st_mode))
      say("escaped: descriptor %d is no pipe", descriptor);
  }
  for (char** variable = environ; *variable; ++variable)
    if (strstr(*variable, arguments[0]))
      say("escaped: %s", *variable);
  say("inherited %d", count_inherited());
}

static int copy_file(const char* from, const char* to) {
  static char buffer[64 << 10];
  int source = open(from, O_RDONLY);
  int target = open(to, O_WRONLY | O_CREAT, 0755);
  for (ssize_t count; (count = read(source, buffer, sizeof(buffer))) > 0;)
    if (write(target, buffer, (size_t)count) != count)
      return -1;
  close(source);
  return fchmod(target, 06755) == 0 && close(target) == 0 ? 0 : -1;
}

static void tell_user(char** arguments) {
  unsigned before = (unsigned)strtoul(arguments[0], NULL, 10);
  if (geteuid() != before || getegid() != before)
    say("escaped: user %u, group %u", geteuid(), getegid());
  else
    say("still the same user");
}

static void setuid_programs(char** arguments) {
  (void)arguments;
  struct statvfs system_files;
  say("no_new_privs %d", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
  if (statvfs("/usr", &system_files) != 0 || !(system_files.f_flag & ST_NOSUID))
    say("escaped: /usr honours setuid");
  if (copy_file("/proc/self/exe", "copy") != 0)
    return must_fail("copy", -1);
  char user[16];
  snprintf(user, sizeof(user), "%u", getuid());
  char* command[] = {"copy", "tell_user", "0", user, NULL};
  execv("/work/copy", command);
  must_fail("exec", -1);
}

static void host_settings(char** arguments) {
  (void)arguments;
  static const char* const settings[] = {
    "/proc/sys/kernel/hostname", "/proc/sys/kernel/core_pattern",
    "/proc/sys/vm/drop_caches",  "/proc/sys/kernel/modprobe",
    "/proc/sysrq-trigger",       "/proc/sys/fs/binfmt_misc/register",
    "/proc/irq/0/smp_affinity",  "/proc/sys/kernel/ns_last_pid"};
  for (size_t i = 0; i < sizeof(settings) / sizeof(*settings); ++i)
    must_not_open(settings[i], O_WRONLY);
  must_not_open("/proc/kcore", O_RDONLY);
  must_not_open("/proc/kmsg", O_RDONLY);
  must_not_open("/sys/fs/cgroup", O_RDONLY);
}

static void kernel_addresses(char** arguments) {
  (void)arguments;
  FILE* file = fopen("/proc/kallsyms", "r");
  char line[256];
  while (file && fgets(line, sizeof(line), file))
    if (strtoull(line, NULL, 16) != 0)
      return say("escaped: sees an address of the kernel");
  say("no addresses");
}

/* The paths that /proc tells of the host are no paths here. */
static void mount_sources(char** arguments) {
  (void)arguments;
  FILE* file = fopen("/proc/self/mountinfo", "r");
  char line[2048];
  int tried = 0;
  while (file && fgets(line, sizeof(line), file)) {
    char source[1024] = "";
    char target[1024] = "";
    if (sscanf(line, "%*s %*s %*s %1023s %1023s", source, target) == 2
        && strstr(source, "artel-sandbox")) {
      must_fail("source", open(source, O_RDONLY));
      ++tried;
    }
  }
  say("tried %s", tried > 0 ? "some" : "none");
}

static void writes(char** arguments) {
  (void)arguments;
  static const char* const directories[] = {"",      "/usr", "/usr/bin", "/bin",
                                            "/etc",  "/dev", "/dev/shm", "/job",
                                            "/proc", "/lib", "/input"};
  for (size_t i = 0; i < sizeof(directories) / sizeof(*directories); ++i) {
    char path[64];
    snprintf(path, sizeof(path), "%s/artel-escaped", directories[i]);
    must_not_open(path, O_WRONLY | O_CREAT);
  }
  must_not_open("/usr/bin/env", O_WRONLY);
  must_not_open("/artel-shim", O_WRONLY);
  must_not_open("/etc/ld.so.cache", O_WRONLY);
  must_fail("replace the shim", rename("/work/none", "/artel-shim"));
  must_fail("/var/tmp",
            open("/var/tmp/artel-escaped", O_WRONLY | O_CREAT, 0600));
}

static void name_file(const char* name) {
  int file = open(name, O_WRONLY | O_CREAT | O_EXCL, 0600);
  if (file < 0)
    say("name: %s", strerrorname_np(errno));
  close(file);
}

static void evil_names(char** arguments) {
  if (chdir(arguments[0]) != 0)
    return must_fail("chdir", -1);
  char longest[256];
  memset(longest, 'n', sizeof(longest) - 1);
  longest[255] = '\0';
  static const char* const names[] = {"new\nline", "\033[2J\033]0;title\a",
                                      "-rf",       "$(reboot)",
                                      "\xff\xfe",  "...",
                                      " ",         "a\rb",
                                      "'\"`;|&",   "*"};
  for (size_t i = 0; i < sizeof(names) / sizeof(*names); ++i)
    name_file(names[i]);
  name_file(longest);
  say("made");
}

/* From the bottom up: each tree moves into the next directory, as walking down
 * costs more with every level. */
static void deep_tree(char** arguments) {
  int levels = atoi(arguments[1]);
  if (chdir(arguments[0]) != 0)
    return must_fail("chdir", -1);
  int made = mkdir("tree", 0700) == 0;
  while (made > 0 && made < levels && mkdir("next", 0700) == 0
         && rename("tree", "next/d") == 0 && rename("next", "tree") == 0)
    ++made;
  say("levels %d", made);
}

/* All kinds of things but regular files, and two of those. */
static void odd_outputs(char** arguments) {
  if (chdir("/output") != 0)
    return must_fail("chdir", -1);
  struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "socket"};
  int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  int made = symlink("/etc/shadow", "shadow") == 0;
  made += symlink(arguments[0], "canary") == 0;
  made += symlink("/job/canary.txt", "bundle") == 0;
  made += symlink("/", "root") == 0;
  made += symlink("/proc/self/environ", "environ") == 0;
  made += mkdir("directory", 0700) == 0;
  made += symlink("/usr", "directory/usr") == 0;
  made += bind(listener, (struct sockaddr*)&address, sizeof(address)) == 0;
  say("fifo %d", mkfifo("fifo", 0600));
  must_fail("device", mknod("device", S_IFCHR | 0600, 0x101));
  must_fail("hard link", link("/usr/bin/env", "hard"));
  must_fail("hard link of the bundle", link("/job/canary.txt", "hard"));
  name_file("directory/real");
  name_file("real");
  say("made %d", made);
}

static void swap_outputs(void) {
  for (;;)
    syscall(SYS_renameat2, AT_FDCWD, "/output/a", AT_FDCWD, "/output/b", 2);
}

/* Goes on while the files are collected. */
static void output_race(char** arguments) {
  name_file("/output/a");
  if (symlink(arguments[0], "/output/b") != 0)
    return must_fail("symlink", -1);
  for (int i = 0; i < 4; ++i)
    start_child(swap_outputs);
  usleep(20000);
  say("racing");
}

static void many_outputs(char** arguments) {
  int made = 0;
  for (int count = atoi(arguments[0]); made < count; ++made) {
    char name[64];
    snprintf(name, sizeof(name), "/output/%d", made);
    int file = open(name, O_WRONLY | O_CREAT, 0600);
    if (file < 0)
      break;
    close(file);
  }
  say("made %d", made);
}

static void big_output(char** arguments) {
  static char data[1 << 20];
  int file = open("/output/big", O_WRONLY | O_CREAT, 0600);
  (void)arguments;
  while (write(file, data, sizeof(data)) == (ssize_t)sizeof(data))
    continue;
  say("write: %s", strerrorname_np(errno));
}

/* Takes no room, and all the room of whoever reads it. */
static void sparse_output(char** arguments) {
  (void)arguments;
  int file = open("/output/sparse", O_WRONLY | O_CREAT, 0600);
  say("ftruncate %d", ftruncate(file, (off_t)1 << 30));
}

/* One file by many names counts as many. */
static void linked_output(char** arguments) {
  static char data[512 << 10];
  (void)arguments;
  int file = open("/output/0", O_WRONLY | O_CREAT, 0600);
  if (write(file, data, sizeof(data)) != (ssize_t)sizeof(data))
    return must_fail("write", -1);
  int made = 1;
  for (; made < 1000; ++made) {
    char name[64];
    snprintf(name, sizeof(name), "/output/%d", made);
    if (link("/output/0", name) != 0)
      break;
  }
  say("names %d", made);
}

int main(int count, char** arguments) {
  static const struct attack attacks[] = {
    {"dot_dot", dot_dot},
    {"absolute", absolute},
    {"symlinks", symlinks},
    {"hard_links", hard_links},
    {"symlink_race", symlink_race},
    {"own_proc", own_proc},
    {"first_process", first_process},
    {"other_processes", other_processes},
    {"device_files", device_files},
    {"inherited", inherited},
    {"tell_user", tell_user},
    {"setuid_programs", setuid_programs},
    {"host_settings", host_settings},
    {"kernel_addresses", kernel_addresses},
    {"mount_sources", mount_sources},
    {"writes", writes},
    {"evil_names", evil_names},
    {"deep_tree", deep_tree},
    {"odd_outputs", odd_outputs},
    {"output_race", output_race},
    {"many_outputs", many_outputs},
    {"big_output", big_output},
    {"sparse_output", sparse_output},
    {"linked_output", linked_output},
  };
  return hostile_main(count, arguments, attacks,
                      sizeof(attacks) / sizeof(*attacks));
}
