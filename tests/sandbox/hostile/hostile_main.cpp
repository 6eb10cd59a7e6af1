// Runs hostile programs in the sandbox and checks four things for each: what it
// tried did not happen, the host is unharmed, what ended it is told correctly,
// and the next job finds nothing of it. One line an attack, a summary, and exit
// code 0 where all held, 1 where not, 77 where there was nothing to run here.
#include "tests/sandbox/hostile/attack_run.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <filesystem>
#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace artel;
using namespace artel::hostile;

namespace fs = std::filesystem;

namespace {

constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_skipped = 77;
constexpr uid_t nobody = 65534;

constexpr const char* usage =
  "usage: hostile_suite [OPTION...]\n"
  "Runs hostile programs in the sandbox and tells whether it held.\n"
  "  --list            print the attacks, run none\n"
  "  --only PATTERN    those whose GROUP/NAME holds the text\n"
  "  --kind KIND       process, wasm, container, or all (the default)\n"
  "  --as-nobody       as root: run all as user 65534\n"
  "  --without-groups  let the sampler alone hold memory\n"
  "  --help            this text\n"
  "Exit codes: 0 all held, 1 something did not, 2 wrong use, 77 nothing to"
  " run.\n";

struct options {
  bool list = false;
  bool as_nobody = false;
  bool without_groups = false;
  std::string only;
  std::string kind = "all";
};

/// Nothing where the arguments are wrong.
std::optional<options> parse(int count, char** arguments) {
  options chosen;
  for (int i = 1; i < count; ++i) {
    std::string_view argument = arguments[i];
    bool has_value = i + 1 < count;
    if (argument == "--list")
      chosen.list = true;
    else if (argument == "--as-nobody")
      chosen.as_nobody = true;
    else if (argument == "--without-groups")
      chosen.without_groups = true;
    else if (argument == "--only" && has_value)
      chosen.only = arguments[++i];
    else if (argument == "--kind" && has_value)
      chosen.kind = arguments[++i];
    else
      return std::nullopt;
  }
  if (chosen.kind != "all" && !parse_sandbox_kind(chosen.kind))
    return std::nullopt;
  return chosen;
}

std::vector<attack> attacks_of(sandbox_kind kind) {
  if (kind == sandbox_kind::wasm)
    return wasm_attacks();
  std::vector<attack> all;
  for (auto* make : {resource_attacks, file_attacks, kernel_attacks,
                     network_attacks, result_attacks}) {
    auto more = make();
    std::move(more.begin(), more.end(), std::back_inserter(all));
  }
  return all;
}

/// In a container a program is its namespace's own root, which is nobody
/// outside; and there are directories of its own, with room for few files.
void adapt_to_container(attack& one) {
  const auto name = one.group + "/" + one.name;
  auto forget = [&one](std::string_view part) {
    std::erase_if(one.says, [part](const std::string& line) {
      return line.find(part) != line.npos;
    });
  };
  forget("/dev/shm");
  const ending idle{run_outcome::timeout};
  if (name == "resources/memory: empty files") {
    // There is no room for so many: it waits then.
    one.expected = idle;
    one.limits = [](execution_limits& limits) {
      limits.wall_time = milliseconds{1'500};
    };
  } else if (name == "files/output: 1025 files") {
    one.says.clear();
    one.verify = {};
    one.expected = {};
  } else if (name.ends_with("a tree of 10,000 levels")) {
    one.says.clear();
  }
}

std::vector<attack> chosen_attacks(const options& chosen, sandbox_kind kind) {
  auto all = attacks_of(kind);
  if (kind == sandbox_kind::container)
    std::for_each(all.begin(), all.end(), adapt_to_container);
  std::erase_if(all, [&chosen](const attack& one) {
    return (one.group + "/" + one.name).find(chosen.only) == std::string::npos;
  });
  return all;
}

void print(const attack& one, const findings& seen) {
  std::printf(
    "%s %-58s %-18s peak %llu MiB, %lld ms,"
    " processor %lld ms\n",
    seen.held() ? "ok  " : "FAIL", (one.group + "/" + one.name).c_str(),
    describe({seen.result.outcome, seen.result.exit_code}).c_str(),
    static_cast<unsigned long long>(seen.result.memory_peak_bytes >> 20),
    static_cast<long long>(seen.took.count()),
    static_cast<long long>(seen.result.cpu_time_used.count()));
  const std::pair<const char*, const std::string&> parts[] = {
    {"not blocked", seen.blocked},
    {"host harmed", seen.host_unharmed},
    {"told wrongly", seen.told_correctly},
    {"next job not clean", seen.next_job_clean}};
  for (const auto& [name, what] : parts)
    if (!what.empty())
      std::printf("     %s: %s\n", name, what.c_str());
  std::fflush(stdout);
}

struct tally {
  std::size_t held = 0;
  std::size_t run = 0;
  std::string memory_by;
};

/// False where this kind of sandbox can't be had.
bool run_kind(const kind_of_sandbox& kind, const options& chosen, tally& sum) {
  auto attacks = chosen_attacks(chosen, kind.kind);
  if (attacks.empty())
    return true;
  auto name = std::string{to_string(kind.kind)};
  if (!kind.make) {
    std::printf("skip %s: no executor for this kind\n", name.c_str());
    return true;
  }
  scratch_directory scratch;
  host_watch host{scratch.path()};
  sandbox::process_config config;
  config.work_root = scratch.path() / "runs";
  config.control_groups = !chosen.without_groups;
  auto bed = kind.make(config);
  if (!bed) {
    std::printf("FAIL %s: %s\n", name.c_str(), bed.error().message.c_str());
    return false;
  }
  sum.memory_by = bed->memory_by();
  auto programs = fs::read_symlink("/proc/self/exe").parent_path() / "hostile";
  attack_runner runner{*bed, host, kind.kind, programs};
  for (const auto& one : attacks) {
    auto seen = runner.run(one);
    print(one, seen);
    ++sum.run;
    sum.held += seen.held() ? 1 : 0;
  }
  return true;
}

int run_all(const options& chosen) {
  // So that whatever outlives its sandbox becomes this process's child.
  ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
  tally sum;
  bool sound = true;
  for (const auto& kind : all_kinds())
    if (chosen.kind == "all" || chosen.kind == to_string(kind.kind))
      sound &= run_kind(kind, chosen, sum);
  if (sound && sum.run == 0)
    return exit_skipped;
  std::printf(
    "hostile: %zu/%zu held (as %s; %s)\n", sum.held, sum.run,
    ::geteuid() == 0 ? "root" : ("user " + std::to_string(::geteuid())).c_str(),
    sum.memory_by.c_str());
  return sound && sum.held == sum.run ? 0 : exit_failed;
}

int list_all(const options& chosen) {
  for (const auto& kind : all_kinds())
    if (chosen.kind == "all" || chosen.kind == to_string(kind.kind))
      for (const auto& one : chosen_attacks(chosen, kind.kind))
        std::printf("%s %s/%s %s\n", to_string(kind.kind).data(),
                    one.group.c_str(), one.name.c_str(),
                    describe(one.expected).c_str());
  return 0;
}

/// The child: gives up root, and starts this program anew.
[[noreturn]] void become_nobody(const fs::path& home, char** arguments) {
  std::vector<char*> rest;
  for (; *arguments; ++arguments)
    if (std::strcmp(*arguments, "--as-nobody") != 0)
      rest.push_back(*arguments);
  rest.push_back(nullptr);
  ::setenv("HOME", home.c_str(), 1);
  ::setenv("TMPDIR", home.c_str(), 1);
  if (::setgroups(0, nullptr) == 0 && ::setresgid(nobody, nobody, nobody) == 0
      && ::setresuid(nobody, nobody, nobody) == 0 && ::chdir("/") == 0)
    ::execv("/proc/self/exe", rest.data());
  std::fprintf(stderr, "hostile_suite: cannot run as user %u: %s\n", nobody,
               std::strerror(errno));
  ::_exit(exit_failed);
}

int run_as_nobody(char** arguments) {
  if (::geteuid() != 0) {
    std::printf("skip: --as-nobody means something for root alone\n");
    return exit_skipped;
  }
  scratch_directory home;
  if (::chown(home.path().c_str(), nobody, nobody) != 0)
    return exit_failed;
  auto child = ::fork();
  if (child == 0)
    become_nobody(home.path(), arguments);
  int status = 0;
  while (::waitpid(child, &status, 0) < 0 && errno == EINTR)
    continue;
  return WIFEXITED(status) ? WEXITSTATUS(status) : exit_failed;
}

} // namespace

int main(int count, char** arguments) {
  for (int i = 1; i < count; ++i)
    if (std::string_view{arguments[i]} == "--help") {
      std::fputs(usage, stdout);
      return 0;
    }
  auto chosen = parse(count, arguments);
  if (!chosen) {
    std::fputs(usage, stderr);
    return exit_usage;
  }
  try {
    if (chosen->list)
      return list_all(*chosen);
    return chosen->as_nobody ? run_as_nobody(arguments) : run_all(*chosen);
  } catch (const std::exception& problem) {
    std::fprintf(stderr, "hostile_suite: %s\n", problem.what());
    return exit_failed;
  }
}
