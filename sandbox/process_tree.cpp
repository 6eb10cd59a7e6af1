#include "sandbox/process_tree.hpp"

#include "sandbox/descriptor.hpp"

#include <charconv>
#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <dirent.h>
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

} // namespace

tree_usage measure_tree(pid_t root) {
  tree_usage usage;
  for_each_process(root, [&usage](const std::string& process) {
    add_stat(read_small_file(process + "/stat"), usage);
  });
  return usage;
}

std::uint64_t measure_memory_exactly(pid_t root) {
  std::uint64_t total = 0;
  for_each_process(root, [&total](const std::string& process) {
    constexpr std::string_view label = "\nPss:";
    auto text = read_small_file(process + "/smaps_rollup");
    auto found = text.find(label);
    if (found != text.npos) {
      auto rest = std::string_view{text}.substr(found + label.size());
      total += take_number(rest).value_or(0) * 1024;
    } else {
      tree_usage usage;
      add_stat(read_small_file(process + "/stat"), usage);
      total += usage.memory_bytes;
    }
  });
  return total;
}

} // namespace artel::sandbox
