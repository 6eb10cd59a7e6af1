#include "tests/sandbox/hostile/host_watch.hpp"

#include <algorithm>
#include <cctype>
#include <cerrno>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>
#include <stdexcept>
#include <system_error>
#include <thread>

#include <fcntl.h>
#include <netinet/in.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/utsname.h>
#include <sys/wait.h>
#include <unistd.h>

namespace artel::hostile {

namespace fs = std::filesystem;
using sandbox::descriptor;

namespace {

constexpr const char* canary_text = "the host's own\n";
constexpr const char* secret_variable = "ARTEL_HOSTILE_SECRET";
/// What attacks call files that they try to leave on the host.
constexpr const char* escaped_name = "artel-escaped";

std::string read_text(const fs::path& path) {
  std::ifstream file{path, std::ios::binary};
  return {std::istreambuf_iterator<char>{file}, {}};
}

bool is_number(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), ::isdigit);
}

void require(bool done, const char* what) {
  if (!done)
    throw std::system_error{errno, std::generic_category(), what};
}

descriptor listen_unix(const std::string& name) {
  descriptor made{
    ::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  require(name.size() < sizeof(address.sun_path), "name of a socket");
  std::copy(name.begin(), name.end(), address.sun_path);
  auto size = offsetof(sockaddr_un, sun_path) + name.size();
  require(::bind(made.number(), reinterpret_cast<sockaddr*>(&address),
                 static_cast<socklen_t>(size))
              == 0
            && ::listen(made.number(), 8) == 0,
          "listener");
  return made;
}

descriptor bind_loopback(int type, std::uint16_t& port) {
  descriptor made{::socket(AF_INET, type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  require(::bind(made.number(), generic, size) == 0
            && ::getsockname(made.number(), generic, &size) == 0
            && (type != SOCK_STREAM || ::listen(made.number(), 8) == 0),
          "loopback");
  port = ntohs(address.sin_port);
  return made;
}

bool has_connection(const descriptor& listener) {
  descriptor taken{
    ::accept4(listener.number(), nullptr, nullptr, SOCK_CLOEXEC)};
  return taken.is_open();
}

/// Processes that see the path among their mounts: those of our sandboxes.
std::size_t count_processes_that_mount(const std::string& path) {
  std::size_t count = 0;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{"/proc", ignored})
    if (is_number(entry.path().filename())
        && read_text(entry.path() / "mountinfo").find(path)
             != std::string::npos)
      ++count;
  return count;
}

/// What the executor keeps for later runs.
bool is_kept(const std::string& name) {
  for (const auto* prefix : {"bundle-", "wasm", "pinned-", "cache"})
    if (name.starts_with(prefix))
      return true;
  return false;
}

void add_directory(const fs::path& path, std::vector<std::string>& lines) {
  std::error_code ignored;
  for (fs::directory_iterator entry{path, ignored}, end; entry != end;
       entry.increment(ignored))
    if (!is_kept(entry->path().filename()))
      lines.push_back("file " + entry->path().string());
}

/// Groups are kept for the next run, so only what is in them counts.
void add_groups(const std::vector<std::string>& groups,
                std::vector<std::string>& lines) {
  std::error_code ignored;
  for (const auto& group : groups) {
    lines.push_back("group " + group);
    for (fs::recursive_directory_iterator entry{group, ignored}, end;
         entry != end; entry.increment(ignored)) {
      if (entry->is_directory(ignored) && entry.depth() > 0)
        lines.push_back("group within a group " + entry->path().string());
      if (entry->path().filename() == "cgroup.procs"
          && !read_text(entry->path()).empty())
        lines.push_back("processes in " + entry->path().string());
    }
  }
}

/// Keys and ids, without the counts and times that others change.
void add_ipc(std::vector<std::string>& lines) {
  for (const auto* table : {"shm", "sem", "msg"}) {
    std::istringstream rows{read_text(fs::path{"/proc/sysvipc"} / table)};
    std::string row;
    std::getline(rows, row);
    while (std::getline(rows, row)) {
      std::istringstream fields{row};
      std::string key;
      std::string id;
      fields >> key >> id;
      lines.push_back(std::string{"ipc "} + table + " " + key + " " + id);
    }
  }
}

void add_escaped_files(std::vector<std::string>& lines) {
  for (const auto* directory :
       {"/", "/tmp", "/var/tmp", "/dev/shm", "/usr", "/etc", "/dev", "."}) {
    auto path = fs::path{directory} / escaped_name;
    std::error_code ignored;
    if (fs::exists(fs::symlink_status(path, ignored)))
      lines.push_back("escaped file " + path.string());
  }
}

std::uint64_t shared_memory_bytes() {
  std::istringstream rows{read_text("/proc/meminfo")};
  std::string row;
  while (std::getline(rows, row))
    if (row.starts_with("Shmem:"))
      return std::strtoull(row.c_str() + 6, nullptr, 10) * 1024;
  return 0;
}

/// Whether the machine still starts programs, in sensible time.
bool is_responsive() {
  auto start = std::chrono::steady_clock::now();
  pid_t child = -1;
  std::string program = "/bin/true";
  char* arguments[] = {program.data(), nullptr};
  char* nothing[] = {nullptr};
  if (::posix_spawn(&child, program.c_str(), nullptr, nullptr, arguments,
                    nothing)
      != 0)
    return false;
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  return status == 0
         && std::chrono::steady_clock::now() - start < std::chrono::seconds{2};
}

} // namespace

scratch_directory::scratch_directory() {
  auto name = (fs::temp_directory_path() / "artel-hostile-XXXXXX").string();
  require(::mkdtemp(name.data()) != nullptr && ::chmod(name.c_str(), 0755) == 0,
          "scratch directory");
  path_ = name;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  fs::remove_all(path_, ignored);
}

host_watch::host_watch(fs::path directory)
  : directory_(std::move(directory)),
    secret_("secret-" + std::to_string(::getpid()) + "-of-the-host"),
    abstract_name_("artel-hostile-" + std::to_string(::getpid())) {
  std::ofstream{directory_ / "canary"} << canary_text;
  ::setenv(secret_variable, secret_.c_str(), 1);
  tcp_ = bind_loopback(SOCK_STREAM, tcp_port_);
  udp_ = bind_loopback(SOCK_DGRAM, udp_port_);
  abstract_ = listen_unix(std::string{'\0'} + abstract_name_);
  socket_ = listen_unix((directory_ / "socket").string());
  inherited_.emplace_back(::open((directory_ / "canary").c_str(), O_RDWR));
  inherited_.emplace_back(::open("/", O_RDONLY | O_DIRECTORY));
  int pair[2];
  require(::socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0, "socketpair");
  inherited_.emplace_back(pair[0]);
  inherited_.emplace_back(pair[1]);
  // One far above, where a loop over the low ones doesn't come.
  inherited_.emplace_back(::fcntl(pair[0], F_DUPFD, 900));
}

std::string host_watch::resolve(const std::string& text) const {
  if (text == "@canary")
    return (directory_ / "canary").string();
  if (text == "@directory")
    return directory_.string();
  if (text == "@socket")
    return (directory_ / "socket").string();
  if (text == "@tcp")
    return std::to_string(tcp_port_);
  if (text == "@udp")
    return std::to_string(udp_port_);
  if (text == "@abstract")
    return abstract_name_;
  if (text == "@secret")
    return secret_variable;
  return text == "@pid" ? std::to_string(::getpid()) : text;
}

fingerprint host_watch::take(const std::vector<std::string>& groups,
                             const fs::path& executor) const {
  fingerprint seen;
  auto& lines = seen.lines;
  lines.push_back("children " + std::to_string(count_children()));
  lines.push_back("sandboxed processes "
                  + std::to_string(count_processes_that_mount(executor)));
  add_directory(directory_, lines);
  add_directory(executor.parent_path(), lines);
  add_directory(executor, lines);
  for (const auto* helper : {"artel-shim", "filter"})
    lines.push_back(
      std::string{helper} + " "
      + std::to_string(std::hash<std::string>{}(read_text(executor / helper))));
  add_groups(groups, lines);
  add_ipc(lines);
  add_escaped_files(lines);
  utsname names{};
  ::uname(&names);
  lines.push_back(std::string{"host "} + names.nodename);
  std::istringstream mounts{read_text("/proc/self/mountinfo")};
  for (std::string mount; std::getline(mounts, mount);)
    lines.push_back("mount " + mount);
  std::sort(lines.begin(), lines.end());
  seen.shared_bytes = shared_memory_bytes();
  return seen;
}

std::string host_watch::touched_canary() const {
  if (read_text(directory_ / "canary") != canary_text)
    return "the host's file was changed";
  if (has_connection(tcp_) || has_connection(abstract_)
      || has_connection(socket_))
    return "a listener of the host was reached";
  char byte = 0;
  if (::recv(udp_.number(), &byte, 1, MSG_DONTWAIT) >= 0)
    return "the host's UDP socket was reached";
  return {};
}

std::string host_watch::compare(const fingerprint& before,
                                const fingerprint& after) const {
  if (auto touched = touched_canary(); !touched.empty())
    return touched;
  std::vector<std::string> differences;
  std::set_symmetric_difference(before.lines.begin(), before.lines.end(),
                                after.lines.begin(), after.lines.end(),
                                std::back_inserter(differences));
  if (!differences.empty())
    return std::to_string(differences.size())
           + " differences, first: " + differences.front();
  // The whole machine's figure: others use some, too, and much for a while
  // (another test's attack). What this attack left stays.
  constexpr std::uint64_t others_bytes = 192u << 20;
  auto left = after.shared_bytes;
  for (int i = 0; i < 200 && left > before.shared_bytes + others_bytes; ++i) {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    left = shared_memory_bytes();
  }
  if (left > before.shared_bytes + others_bytes)
    return std::to_string((left - before.shared_bytes) >> 20)
           + " MiB of files in memory are left";
  return is_responsive() ? "" : "the machine no longer starts programs";
}

std::size_t count_children() {
  // What was adopted dying: no run is under way that waits for it.
  for (int i = 0; i < 100 && ::waitpid(-1, nullptr, WNOHANG) >= 0; ++i)
    std::this_thread::sleep_for(std::chrono::milliseconds{2});
  std::size_t count = 0;
  std::error_code ignored;
  for (const auto& task : fs::directory_iterator{"/proc/self/task", ignored}) {
    std::ifstream children{task.path() / "children"};
    for (pid_t child; children >> child;)
      ++count;
  }
  return count;
}

} // namespace artel::hostile
