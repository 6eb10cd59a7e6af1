// Makes runs of small shell scripts, for the tests of the process sandbox.
#pragma once

#include "sandbox/process/process_executor.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cctype>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <stdlib.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

namespace artel::test {

/// Never skips: a machine without bubblewrap fails these tests.
inline std::unique_ptr<sandbox::process_executor>
make_executor(const sandbox::process_config& config = {}) {
  auto made = sandbox::process_executor::make(config);
  INFO((made ? std::string{} : made.error().message));
  REQUIRE(made.ok());
  return std::move(*made);
}

/// Seconds to sleep that no other process of this machine sleeps, so that the
/// sleepers can be counted: whole ones, then this process's id.
inline std::string long_time() {
  return "4711." + std::to_string(::getpid());
}

/// LONG in the text stands for long_time().
inline sandbox::run_request script(std::string text,
                                   std::vector<std::string> arguments = {}) {
  constexpr std::string_view mark = "LONG";
  for (auto at = text.find(mark); at != text.npos; at = text.find(mark))
    text.replace(at, mark.size(), long_time());
  code_bundle bundle;
  bundle.main = "job.sh";
  bundle.files.push_back({"job.sh", true, to_bytes("#!/bin/sh\n" + text)});
  bundle.arguments = std::move(arguments);
  sandbox::run_request request;
  request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  return request;
}

inline sandbox::run_result run(const sandbox::run_request& request,
                               std::stop_token stop = {}) {
  static auto executor = make_executor();
  return executor->execute(request, std::move(stop));
}

inline std::string output_of(const sandbox::run_result& result) {
  return std::string{as_text(result.output)};
}

/// For INFO: all that tells why a run did not end as expected.
inline std::string describe(const sandbox::run_result& result) {
  return std::string{to_string(result.outcome)} + " ("
         + std::to_string(result.exit_code) + "): " + result.detail
         + "\nstdout: " + output_of(result).substr(0, 2000)
         + "\nstderr: " + result.stderr_tail.substr(0, 2000);
}

/// A directory that the sandbox's user can pass through, gone afterwards.
class scratch_directory {
public:
  scratch_directory() {
    auto name =
      (std::filesystem::temp_directory_path() / "artel-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    REQUIRE(::chmod(name.c_str(), 0755) == 0);
    path = name;
  }
  ~scratch_directory() { std::filesystem::remove_all(path); }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  std::filesystem::path path;
};

inline std::size_t count_entries(const std::filesystem::path& directory) {
  return static_cast<std::size_t>(
    std::distance(std::filesystem::directory_iterator{directory},
                  std::filesystem::directory_iterator{}));
}

/// Children of this process, dead or alive, by /proc.
inline std::size_t count_children() {
  std::size_t count = 0;
  for (const auto& task :
       std::filesystem::directory_iterator{"/proc/self/task"}) {
    std::ifstream children{task.path() / "children"};
    for (pid_t child; children >> child;)
      ++count;
  }
  return count;
}

/// Processes of this machine whose command line holds the text.
inline std::size_t count_processes(const std::string& text) {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator{"/proc"}) {
    auto name = entry.path().filename().string();
    if (!std::all_of(name.begin(), name.end(), ::isdigit))
      continue;
    std::ifstream file{entry.path() / "cmdline"};
    std::string command{std::istreambuf_iterator<char>{file}, {}};
    if (command.find(text) != command.npos)
      ++count;
  }
  return count;
}

inline void check_outcome(const sandbox::run_result& result,
                          run_outcome expected) {
  INFO(describe(result));
  CHECK(to_string(result.outcome) == to_string(expected));
  CHECK((result.detail.empty() == (expected == run_outcome::completed)));
}

inline void check_completed(const sandbox::run_result& result,
                            const std::string& output) {
  check_outcome(result, run_outcome::completed);
  INFO(describe(result));
  CHECK(output_of(result) == output);
}

} // namespace artel::test
