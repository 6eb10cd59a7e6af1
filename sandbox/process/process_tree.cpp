#include "sandbox/process/process_tree.hpp"

#include "sandbox/descriptor.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <dirent.h>
#include <linux/magic.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

namespace artel::sandbox {

namespace {

/// No job has as many; bounds the walk in any case.
constexpr std::size_t processes_max = 65'536;

/// Takes the first number off the text; nothing where there is none.
std::optional<std::uint64_t> take_number(std::string_view& text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\n'))
    text.remove_prefix(1);
  std::uint64_t number = 0;
  auto [end, error] =
    std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{})
    return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

void append_children(const std::string& process, std::vector<pid_t>& found) {
  auto tasks = process + "/task";
  std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir(tasks.c_str()),
                                                &::closedir};
  if (!directory)
    return;
  while (const auto* entry = ::readdir(directory.get())) {
    if (entry->d_name[0] == '.')
      continue;
    auto text = read_small_file(tasks + "/" + entry->d_name + "/children");
    std::string_view rest{text};
    while (auto id = take_number(rest))
      if (found.size() < processes_max)
        found.push_back(static_cast<pid_t>(*id));
  }
}

template <class Visitor>
void for_each_process(pid_t root, Visitor&& visit) {
  std::vector<pid_t> found{root};
  for (std::size_t i = 0; i < found.size(); ++i) {
    auto process = "/proc/" + std::to_string(found[i]);
    visit(process);
    append_children(process, found);
  }
}

/// Adds one line of /proc/PID/stat; see proc(5) for its fields.
void add_stat(std::string_view stat, tree_usage& usage) {
  // The name, in parentheses, may itself hold anything.
  auto name_end = stat.rfind(')');
  if (name_end == stat.npos)
    return;
  constexpr std::size_t state_field = 3;
  constexpr std::size_t first_time_field = 14;
  constexpr std::size_t last_time_field = 17;
  constexpr std::size_t resident_field = 24;
  static const auto ticks_a_second =
    static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
  static const auto page_bytes =
    static_cast<std::uint64_t>(::sysconf(_SC_PAGESIZE));
  std::uint64_t ticks = 0;
  auto field = state_field - 1;
  auto rest = stat.substr(name_end + 1);
  while (!rest.empty() && field < resident_field) {
    rest.remove_prefix(1);
    ++field;
    auto value = rest.substr(0, rest.find(' '));
    rest.remove_prefix(value.size());
    auto number = take_number(value).value_or(0);
    if (field >= first_time_field && field <= last_time_field)
      ticks += number;
    else if (field == resident_field)
      usage.memory_bytes += number * page_bytes;
  }
  usage.cpu_time +=
    std::chrono::microseconds{ticks * 1'000'000 / ticks_a_second};
  ++usage.processes;
}

/// Inodes of memfds: each once, whoever holds it.
using file_set = std::set<std::pair<dev_t, ino_t>>;

std::uint64_t measure_memfds(const std::string& process, file_set& seen) {
  auto path = process + "/fd";
  std::unique_ptr<DIR, int (*)(DIR*)> directory{::opendir(path.c_str()),
                                                &::closedir};
  if (!directory)
    return 0;
  constexpr std::string_view label = "/memfd:";
  constexpr std::uint64_t block_bytes = 512;
  std::uint64_t total = 0;
  while (const auto* entry = ::readdir(directory.get())) {
    char target[label.size()];
    auto name = path + "/" + entry->d_name;
    auto length = ::readlink(name.c_str(), target, sizeof(target));
    struct stat status {};
    if (length == static_cast<ssize_t>(label.size())
        && std::string_view{target, label.size()} == label
        && ::stat(name.c_str(), &status) == 0
        && seen.emplace(status.st_dev, status.st_ino).second)
      total += static_cast<std::uint64_t>(status.st_blocks) * block_bytes;
  }
  return total;
}

std::uint64_t measure_file_systems(const std::string& process) {
  constexpr std::uint64_t inode_bytes = 1024;
  std::uint64_t total = 0;
  for (const auto* path : {"/root/work", "/root/output"}) {
    struct statfs usage {};
    if (::statfs((process + path).c_str(), &usage) == 0
        && usage.f_type == TMPFS_MAGIC)
      total += (usage.f_files - usage.f_ffree) * inode_bytes;
  }
  return total;
}

} // namespace

void kill_descendants(pid_t root) {
  constexpr int rounds_max = 1000;
  for (int round = 0; round < rounds_max; ++round) {
    std::size_t found = 0;
    for_each_process(root, [&](const std::string& process) {
      std::string_view name{process};
      name.remove_prefix(std::string_view{"/proc/"}.size());
      auto id = static_cast<pid_t>(take_number(name).value_or(0));
      if (id > 1 && id != root && ::kill(id, SIGKILL) == 0)
        ++found;
    });
    if (found == 0)
      return;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
}

tree_usage measure_tree(pid_t root) {
  tree_usage usage;
  for_each_process(root, [&usage](const std::string& process) {
    add_stat(read_small_file(process + "/stat"), usage);
  });
  return usage;
}

std::uint64_t measure_files_in_memory(pid_t root) {
  std::uint64_t total = 0;
  std::uint64_t file_systems = 0;
  file_set seen;
  for_each_process(root, [&](const std::string& process) {
    total += measure_memfds(process, seen);
    // The same for all; the first process itself may not be looked into.
    if (file_systems == 0)
      file_systems = measure_file_systems(process);
  });
  return total + file_systems;
}

std::uint64_t measure_memory_exactly(pid_t root) {
  std::uint64_t total = 0;
  std::uint64_t shared_files = 0;
  auto number_of = [](const std::string& text, std::string_view label) {
    auto found = text.find(label);
    if (found == text.npos)
      return std::optional<std::uint64_t>{};
    auto rest = std::string_view{text}.substr(found + label.size());
    return std::optional{take_number(rest).value_or(0) * 1024};
  };
  for_each_process(root, [&](const std::string& process) {
    auto text = read_small_file(process + "/smaps_rollup");
    if (auto mapped = number_of(text, "\nPss:")) {
      total += *mapped;
      shared_files += number_of(text, "\nPss_Shmem:").value_or(0);
    } else {
      tree_usage usage;
      add_stat(read_small_file(process + "/stat"), usage);
      total += usage.memory_bytes;
    }
  });
  // What is mapped of a file in memory was counted already.
  auto files = measure_files_in_memory(root);
  return total + files - std::min(files, shared_files);
}

} // namespace artel::sandbox
