#include "sandbox/local_executor.hpp"

#include "sandbox/descriptor.hpp"
#include "tests/sandbox/module_builder.hpp"
#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

using namespace artel;
using namespace artel::test;

namespace fs = std::filesystem;

namespace {

using std::chrono::milliseconds;
using clock = std::chrono::steady_clock;

/// The case of this file that another process runs, to be killed.
constexpr const char* victim_case = "a process that runs one job for ever";

/// How the victim is told what to do.
constexpr const char* kind_variable = "ARTEL_TEST_KILLED_KIND";
constexpr const char* root_variable = "ARTEL_TEST_KILLED_ROOT";
constexpr const char* mark_variable = "ARTEL_TEST_KILLED_MARK";
constexpr int ready_descriptor = 9;

/// Empty where it can't be read, as that of a process that just ended.
std::string text_of(const fs::path& path) {
  return sandbox::read_small_file(path.string());
}

/// A script that sleeps, its seconds being the mark.
sandbox::run_request sleeping(const std::string& mark) {
  return script("exec sleep $1", {mark});
}

/// A module that runs for ever.
sandbox::run_request endless_module(const std::string& mark) {
  code_bundle bundle;
  bundle.main = "main.wasm";
  bundle.arguments = {mark};
  bundle.files.push_back(
    {"main.wasm", false,
     testing::module_builder{}.put(10, "01 07 00 03 40 0c 00 0b 0b").build()});
  sandbox::run_request request;
  request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  return request;
}

/// One kind of job that is killed, and when.
struct killed_kind {
  std::string_view name;
  sandbox_terms terms;
  /// What the job's own program is called once it runs.
  const char* program;
  /// The time after its start within which a job is set up.
  int setup_ms;
};

constexpr std::array<killed_kind, 4> kinds{{
  {"process", {sandbox_kind::process}, "sleep", 40},
  {"module", {sandbox_kind::wasm, wasm_tier::interpreted}, "artel-wasm", 40},
  {"compiled module",
   {sandbox_kind::wasm, wasm_tier::compiled},
   "artel-module",
   400},
  {"container", {sandbox_kind::container}, "sleep", 100},
}};

sandbox::run_request job_of(const killed_kind& kind, const std::string& mark) {
  auto request = kind.terms.kind == sandbox_kind::wasm ? endless_module(mark)
                                                       : sleeping(mark);
  request.sandbox = kind.terms;
  request.limits.wall_time = milliseconds{600'000};
  request.limits.cpu_time = milliseconds{600'000};
  return request;
}

std::unique_ptr<sandbox::local_executor> machine_in(const fs::path& root) {
  sandbox::local_config config;
  config.process.work_root = root;
  return std::make_unique<sandbox::local_executor>(config);
}

/// Another process that runs a job.
class victim {
public:
  victim(const killed_kind& kind, const fs::path& root,
         const std::string& mark) {
    auto pipe = sandbox::make_pipe();
    REQUIRE(pipe.ok());
    std::string filter = std::string{"--test-case="} + victim_case;
    id_ = ::fork();
    REQUIRE(id_ >= 0);
    if (id_ == 0) {
      ::prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
      ::setenv(kind_variable, std::string{kind.name}.c_str(), 1);
      ::setenv(root_variable, root.c_str(), 1);
      ::setenv(mark_variable, mark.c_str(), 1);
      ::dup2(::open("/dev/null", O_RDWR | O_CLOEXEC), STDOUT_FILENO);
      ::dup2(pipe->write.number(), ready_descriptor);
      ::execl("/proc/self/exe", "test_sandbox", "--no-skip", filter.c_str(),
              nullptr);
      ::_exit(99);
    }
    ready_ = std::move(pipe->read);
  }
  ~victim() { kill(); }
  victim(const victim&) = delete;
  victim& operator=(const victim&) = delete;

  /// When the job is about to start.
  void await_start() {
    pollfd told{ready_.number(), POLLIN, 0};
    char byte = 0;
    REQUIRE(::poll(&told, 1, 30'000) == 1);
    REQUIRE(::read(ready_.number(), &byte, 1) == 1);
  }

  void kill() {
    if (id_ <= 0)
      return;
    ::kill(id_, SIGKILL);
    int status = 0;
    CHECK(::waitpid(id_, &status, 0) == id_);
    CHECK(WIFSIGNALED(status));
    id_ = 0;
  }

  pid_t id() const noexcept { return id_; }

private:
  pid_t id_ = -1;
  sandbox::descriptor ready_;
};

/// The processes but this one that the visitor says yes to, one to a line.
template <class Predicate>
std::string find_processes(Predicate&& fits) {
  std::string found;
  std::error_code error;
  for (fs::directory_iterator entry{"/proc", error}, end; entry != end;
       entry.increment(error)) {
    auto id = entry->path().filename().string();
    if (!std::all_of(id.begin(), id.end(), ::isdigit)
        || id == std::to_string(::getpid()) || !fits(entry->path()))
      continue;
    auto command = text_of(entry->path() / "cmdline");
    std::replace(command.begin(), command.end(), '\0', ' ');
    found += "process " + id + ": " + command + "\n";
  }
  return found;
}

/// Of a dead process's runs: by their arguments, mounts or groups.
std::string find_processes_of(pid_t dead, const fs::path& root,
                              const std::string& mark) {
  auto group = "artel-runs-" + std::to_string(dead) + "-";
  return find_processes([&](const fs::path& process) {
    auto command = text_of(process / "cmdline");
    return command.find(mark) != command.npos
           || command.find(root.filename()) != command.npos
           || text_of(process / "mountinfo").find(root.filename())
                != std::string::npos
           || text_of(process / "cgroup").find(group) != std::string::npos;
  });
}

/// In any hierarchy, ours or a container runtime's.
std::string find_groups_of(pid_t dead) {
  std::string found;
  auto id = std::to_string(dead);
  std::error_code error;
  auto options = fs::directory_options::skip_permission_denied;
  for (fs::recursive_directory_iterator entry{"/sys/fs/cgroup", options, error},
       end;
       entry != end; entry.increment(error)) {
    auto name = entry->path().filename().string();
    for (const auto* prefix : {"artel-runs-", "artel-self-", "artel-"})
      if (name.starts_with(prefix + id + "-"))
        found += "group " + entry->path().string() + "\n";
  }
  return found;
}

std::string find_mounts(const fs::path& root) {
  std::ifstream mounts{"/proc/self/mountinfo"};
  std::string found;
  for (std::string line; std::getline(mounts, line);)
    if (line.find(root.filename()) != line.npos)
      found += "mount " + line + "\n";
  return found;
}

std::string list(const fs::path& directory) {
  std::string found;
  for (const auto& entry : fs::directory_iterator{directory})
    found += entry.path().string() + "\n";
  return found;
}

bool program_runs(const killed_kind& kind, const std::string& mark) {
  return !find_processes([&](const fs::path& process) {
            auto command = text_of(process / "cmdline");
            return command.find(mark) != command.npos
                   && text_of(process / "comm")
                        == std::string{kind.program} + "\n";
          }).empty();
}

/// Kills victims of one kind, and looks at what the next start leaves.
class killing {
public:
  explicit killing(const killed_kind& kind) : kind_(kind) {}

  /// False, and why, where this machine can't run such jobs.
  bool can_run() {
    auto checked = machine_in(root_)->check(kind_.terms, {});
    if (!checked)
      MESSAGE("no ", kind_.name, " here: ", checked.error().message);
    return checked.ok();
  }

  void kill_during_setup_of_sandbox() {
    victim one{kind_, root_, mark()};
    end(one, random_time(100));
  }

  void kill_during_setup_of_run() {
    victim one{kind_, root_, mark()};
    one.await_start();
    end(one, random_time(kind_.setup_ms));
  }

  void kill_while_it_runs() {
    victim one{kind_, root_, mark()};
    one.await_start();
    auto deadline = clock::now() + std::chrono::seconds{30};
    while (!program_runs(kind_, mark())) {
      REQUIRE(clock::now() < deadline);
      std::this_thread::sleep_for(milliseconds{2});
    }
    end(one, random_time(20));
  }

private:
  /// Seconds that no other process sleeps; none begins like another.
  std::string mark() const {
    auto id = std::to_string(::getpid());
    auto number = std::to_string(1000 + count_);
    return "4712." + std::string(10 - id.size(), '0') + id + number;
  }

  std::chrono::microseconds random_time(int most_ms) {
    return std::chrono::microseconds{
      std::uniform_int_distribution{0, most_ms * 1000}(random_)};
  }

  void end(victim& one, std::chrono::microseconds delay) {
    std::this_thread::sleep_for(delay);
    auto dead = one.id();
    one.kill();
    // On a busy machine what was killed may be dying for longer than one start
    // waits, and another artel's start may be at work on it: then it is gone
    // after the next.
    for (int earlier = 0; earlier < 2; ++earlier) {
      auto first = machine_in(root_);
      REQUIRE(first->processes().ok());
      if (find_groups_of(dead).empty())
        break;
      std::this_thread::sleep_for(std::chrono::seconds{1});
    }
    auto next = machine_in(root_);
    auto works = next->processes();
    INFO(std::string{kind_.name}, " killed after ", delay.count(),
         " us, number ", count_);
    INFO((works ? std::string{} : works.error().message));
    REQUIRE(works.ok());
    check_nothing_left(dead, (*works)->directory());
    works = failure{errc::cancelled, {}};
    next.reset();
    CHECK(list(root_) == "");
    ++count_;
  }

  void check_nothing_left(pid_t dead, const fs::path& living) {
    std::string others;
    for (const auto& entry : fs::directory_iterator{root_})
      if (entry.path() != living)
        others += entry.path().string() + ":\n" + list(entry.path());
    CHECK(others == "");
    CHECK(find_mounts(root_) == "");
    // What was killed just now the kernel may still be ending; groups may be
    // in the work of another start.
    std::string found;
    auto deadline = clock::now() + std::chrono::seconds{2};
    do
      found = find_processes_of(dead, root_, mark()) + find_groups_of(dead);
    while (!found.empty() && clock::now() < deadline);
    CHECK(found == "");
  }

  const killed_kind& kind_;
  scratch_directory scratch_;
  fs::path root_ = fs::canonical(scratch_.path);
  std::mt19937 random_{20'261'121};
  int count_ = 0;
};

void kill_all_of(const killed_kind& kind) {
  killing test{kind};
  if (!test.can_run())
    return;
  for (int i = 0; i < 5; ++i) {
    test.kill_during_setup_of_sandbox();
    test.kill_during_setup_of_run();
    test.kill_while_it_runs();
    test.kill_during_setup_of_run();
    test.kill_during_setup_of_run();
    test.kill_during_setup_of_run();
  }
}

} // namespace

TEST_CASE("a process that runs one job for ever" * doctest::skip()) {
  const auto* name = ::getenv(kind_variable);
  const auto* root = ::getenv(root_variable);
  const auto* mark = ::getenv(mark_variable);
  REQUIRE((name && root && mark));
  auto kind = std::find_if(kinds.begin(), kinds.end(), [name](const auto& one) {
    return one.name == name;
  });
  REQUIRE(kind != kinds.end());
  auto machine = machine_in(root);
  REQUIRE(machine->check(kind->terms, {}).ok());
  REQUIRE(::write(ready_descriptor, "r", 1) == 1);
  machine->execute(job_of(*kind, mark), {});
}

TEST_CASE("a start removes all that a killed one with a program left") {
  kill_all_of(kinds[0]);
}

TEST_CASE("a start removes all that a killed one with a module left") {
  kill_all_of(kinds[1]);
}

TEST_CASE("a start removes all that a killed one with a compiler left") {
  kill_all_of(kinds[2]);
}

TEST_CASE("a start removes all that a killed one with a container left") {
  kill_all_of(kinds[3]);
}
