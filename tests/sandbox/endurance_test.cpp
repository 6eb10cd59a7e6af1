#include "sandbox/local_executor.hpp"

#include "sandbox/descriptor.hpp"
#include "tests/sandbox/module_builder.hpp"
#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <mutex>
#include <sstream>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <unistd.h>

using namespace artel;
using namespace artel::test;

namespace fs = std::filesystem;

namespace {

/// More than are ever kept for later runs.
constexpr std::size_t idle_groups_max = 32;

/// Empty where it can't be read, as that of a process that just ended.
std::string text_of(const fs::path& path) {
  return sandbox::read_small_file(path.string());
}

/// All that runs could leave, a line for each thing. The groups kept for later
/// runs, whose number depends on chance, are lines only where they aren't as
/// they should be.
using traces = std::vector<std::string>;

struct places {
  fs::path work_root;
  fs::path private_directory;
  /// Directories of the group that holds all others; none without groups.
  std::vector<std::string> groups;

  std::string share_name() const {
    return groups.empty() ? "" : fs::path{groups.front()}.filename().string();
  }
};

/// How many hold a group; the others are lines.
std::size_t add_descriptors(const places& where, traces& lines) {
  std::size_t of_groups = 0;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator{"/proc/self/fd"}) {
    auto target = fs::read_symlink(entry.path(), error).string();
    // That of this very loop.
    if (target == "/proc/" + std::to_string(::getpid()) + "/fd")
      continue;
    if (!where.groups.empty()
        && target.find(where.share_name() + "/") != target.npos)
      ++of_groups;
    else
      lines.push_back("descriptor " + target);
  }
  return of_groups;
}

void add_groups(const places& where, std::size_t descriptors, traces& lines) {
  std::size_t runs = 0;
  std::error_code ignored;
  for (const auto& group : where.groups) {
    lines.push_back("group " + group);
    std::size_t here = 0;
    for (fs::recursive_directory_iterator entry{group, ignored}, end;
         entry != end; entry.increment(ignored)) {
      auto path = entry->path();
      if (entry->is_directory(ignored) && ++here > 0 && entry.depth() > 0)
        lines.push_back("group within a group " + path.string());
      if (path.filename() == "cgroup.procs" && !text_of(path).empty())
        lines.push_back("processes in " + path.string());
    }
    runs += here;
    if (here > idle_groups_max)
      lines.push_back("more groups than are kept: " + std::to_string(here));
  }
  if (descriptors != runs)
    lines.push_back(std::to_string(descriptors) + " descriptors of groups, of "
                    + std::to_string(runs) + " groups");
}

void add_table(const char* title, const fs::path& path, traces& lines) {
  std::istringstream rows{text_of(path)};
  for (std::string row; std::getline(rows, row);)
    lines.push_back(title + row);
}

/// Without the times and counts that change by themselves.
void add_system_v_objects(traces& lines) {
  for (const auto* table : {"shm", "sem", "msg"}) {
    std::istringstream rows{text_of(fs::path{"/proc/sysvipc"} / table)};
    std::string row;
    std::getline(rows, row);
    while (std::getline(rows, row)) {
      std::istringstream fields{row};
      std::string key;
      std::string id;
      fields >> key >> id;
      lines.push_back(std::string{"System V "} + table + " " + key + " " + id);
    }
  }
}

bool is_number(const std::string& text) {
  return std::all_of(text.begin(), text.end(), ::isdigit);
}

/// Whether a process is a run's: by its group, its mounts, or its arguments.
bool is_of_runs(const fs::path& process, const places& where) {
  auto share = where.share_name();
  if (!share.empty() && text_of(process / "cgroup").find(share) != share.npos)
    return true;
  auto name = where.private_directory.filename().string();
  for (const auto* file : {"mountinfo", "cmdline"})
    if (auto text = text_of(process / file);
        (!name.empty() && text.find(name) != text.npos)
        || text.find(long_time()) != text.npos)
      return true;
  return false;
}

void add_processes(const places& where, traces& lines) {
  for (const auto& entry : fs::directory_iterator{"/proc"}) {
    auto id = entry.path().filename().string();
    if (is_number(id) && id != std::to_string(::getpid())
        && is_of_runs(entry.path(), where))
      lines.push_back("process " + id + " "
                      + text_of(entry.path() / "cmdline"));
  }
}

void add_files(const fs::path& directory, traces& lines) {
  std::error_code ignored;
  for (fs::recursive_directory_iterator entry{directory, ignored}, end;
       entry != end; entry.increment(ignored))
    lines.push_back("file " + entry->path().string());
}

traces take(const places& where) {
  traces lines;
  lines.push_back("children: " + std::to_string(count_children()));
  lines.push_back("threads: "
                  + std::to_string(count_entries("/proc/self/task")));
  add_groups(where, add_descriptors(where, lines), lines);
  add_processes(where, lines);
  add_files(where.work_root, lines);
  add_table("mount ", "/proc/self/mountinfo", lines);
  add_system_v_objects(lines);
  std::sort(lines.begin(), lines.end());
  return lines;
}

/// The differences between before and now. What the kernel is still ending,
/// as a thread that was joined, gets two seconds.
std::string changes(const traces& before, const places& where) {
  auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{2};
  for (;;) {
    auto now = take(where);
    traces lines;
    std::set_difference(before.begin(), before.end(), now.begin(), now.end(),
                        std::back_inserter(lines));
    auto gone = lines.size();
    std::set_difference(now.begin(), now.end(), before.begin(), before.end(),
                        std::back_inserter(lines));
    if (lines.empty() || std::chrono::steady_clock::now() >= deadline) {
      std::string text;
      for (std::size_t i = 0; i < lines.size(); ++i)
        text += (i < gone ? "- " : "+ ") + lines[i] + "\n";
      return text;
    }
    std::this_thread::sleep_for(std::chrono::milliseconds{5});
  }
}

/// One kind of run, and how it ends.
struct sample {
  const char* name;
  sandbox::run_request request;
  run_outcome outcome = run_outcome::completed;
  std::string output;
  /// Asked to stop after that time; negative: not at all.
  int stop_after_ms = -1;
};

sandbox::run_request program(std::string path,
                             std::vector<std::string> arguments = {}) {
  code_bundle bundle;
  bundle.main = std::move(path);
  bundle.arguments = std::move(arguments);
  sandbox::run_request request;
  request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  return request;
}

template <class Change>
sandbox::run_request with(sandbox::run_request request, Change&& change) {
  change(request);
  return request;
}

sandbox::run_request hog() {
  return with(script("exec perl -e '$x = q(a) x 60000000; sleep 60'"),
              [](auto& request) { request.limits.memory_bytes = 16 << 20; });
}

sandbox::run_request slow() {
  return with(script("sleep LONG & exec sleep LONG"), [](auto& request) {
    request.limits.wall_time = milliseconds{30};
  });
}

/// Ends in every way that a native program can end, in a process or container.
std::vector<sample> failing_programs() {
  std::vector<sample> all;
  all.push_back({"exit code", program("/bin/sh", {"-c", "exit 3"}),
                 run_outcome::nonzero_exit, ""});
  all.push_back({"timeout", slow(), run_outcome::timeout, ""});
  all.push_back({"crash", script("kill -SEGV $$"), run_outcome::crashed, ""});
  all.push_back({"memory", hog(), run_outcome::memory_limit, ""});
  all.push_back({"output",
                 with(script("exec yes"),
                      [](auto& request) { request.limits.stdout_bytes = 4; }),
                 run_outcome::output_limit, "y\ny\n"});
  all.push_back(
    {"no program", program("/no/such/program"), run_outcome::exec_failed, ""});
  all.push_back({"forbidden call", script("exec unshare -U true"),
                 run_outcome::forbidden_syscall, ""});
  all.push_back(
    {"processor time",
     with(script("while :; do :; done"),
          [](auto& request) { request.limits.cpu_time = milliseconds{20}; }),
     run_outcome::cpu_limit, ""});
  all.push_back({"file size",
                 with(script("exec head -c 9999 /dev/zero > file"),
                      [](auto& request) { request.limits.file_bytes = 4096; }),
                 run_outcome::file_size_limit, ""});
  all.push_back({"cancelled at once", script("exec sleep LONG"),
                 run_outcome::cancelled, "", 0});
  all.push_back({"cancelled while set up", script("exec sleep LONG"),
                 run_outcome::cancelled, "", 4});
  all.push_back({"cancelled later", script("sleep LONG & exec sleep LONG"),
                 run_outcome::cancelled, "", 30});
  return all;
}

/// Ends well, having left all that a program can leave.
std::vector<sample> leaving_programs() {
  std::vector<sample> all;
  all.push_back({"processes left",
                 script("setsid sleep LONG & setsid sleep LONG & echo over"),
                 run_outcome::completed, "over\n"});
  all.push_back({"objects left",
                 script("ipcmk -M 4096 -S 3 -Q > file 2>&1; "
                        "head -c 99999 /dev/zero > /work/more; echo over"),
                 run_outcome::completed, "over\n"});
  all.push_back(
    {"files left",
     with(
       script("cat \"$1\"; mkdir /output/d; echo a > /output/d/b", {"{file}"}),
       [](auto& request) {
         request.limits.output_files_bytes = 1 << 20;
         request.input.kind = input_kind::data;
         request.input.name = "data.txt";
         request.input.data = to_bytes("data\n");
       }),
     run_outcome::completed, "data\n"});
  return all;
}

std::vector<sample> trivial_programs() {
  std::vector<sample> all;
  all.push_back({"true", program("/bin/true"), run_outcome::completed, ""});
  all.push_back(
    {"echo", program("/bin/echo", {"word"}), run_outcome::completed, "word\n"});
  return all;
}

std::vector<sample> odd_programs() {
  auto all = failing_programs();
  auto more = leaving_programs();
  std::move(more.begin(), more.end(), std::back_inserter(all));
  return all;
}

/// A module whose _start is that body, in hexadecimal digits.
sandbox::run_request module(std::string_view body, wasm_tier tier) {
  using testing::append;
  auto code = testing::number(1);
  auto function = testing::raw("00 ");
  append(function, testing::raw(body));
  append(code, testing::number(static_cast<std::uint32_t>(function.size())));
  append(code, function);
  code_bundle bundle;
  bundle.main = "main.wasm";
  bundle.files.push_back(
    {"main.wasm", false,
     testing::module_builder{}.put(10, std::move(code)).build()});
  sandbox::run_request request;
  request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  request.sandbox.kind = sandbox_kind::wasm;
  request.sandbox.tier = tier;
  return request;
}

std::vector<sample> modules(wasm_tier tier) {
  constexpr std::string_view nothing = "0b";
  constexpr std::string_view unreachable = "00 0b";
  constexpr std::string_view endless = "03 40 0c 00 0b 0b";
  std::vector<sample> all;
  auto add = [&](const char* name, std::string_view body, run_outcome outcome,
                 auto&& change, int stop_after_ms = -1) {
    all.push_back(
      {name, with(module(body, tier), change), outcome, "", stop_after_ms});
  };
  auto unchanged = [](auto&) {};
  add("nothing", nothing, run_outcome::completed, unchanged);
  add("exit", "41 07 10 00 0b", run_outcome::nonzero_exit, unchanged);
  add("trap", unreachable, run_outcome::trap, unchanged);
  add("processor time", endless, run_outcome::cpu_limit,
      [](auto& request) { request.limits.cpu_time = milliseconds{20}; });
  add("cancelled", endless, run_outcome::cancelled, unchanged, 20);
  // The compiler finds that, or the interpreter.
  add("invalid", "1a 0b", run_outcome::invalid_module, unchanged);
  if (tier == wasm_tier::interpreted)
    add("fuel", endless, run_outcome::fuel_exhausted,
        [](auto& request) { request.limits.fuel = 1000; });
  return all;
}

std::vector<sample> contained(std::vector<sample> all) {
  for (auto& one : all)
    one.request.sandbox.kind = sandbox_kind::container;
  return all;
}

/// One sandbox that runs samples, and looks at what they leave.
class endurance {
public:
  endurance() {
    where_.work_root = fs::canonical(scratch_.path);
    before_ = take(where_);
    sandbox::local_config config;
    config.process.work_root = scratch_.path;
    machine_ = std::make_unique<sandbox::local_executor>(config);
    auto made = machine_->processes();
    INFO((made ? std::string{} : made.error().message));
    REQUIRE(made.ok());
    after_.work_root = where_.work_root;
    where_.private_directory = (*made)->directory();
    if (const auto* groups = (*made)->groups())
      where_.groups = groups->place().directories();
  }

  bool can(sandbox_kind kind, wasm_tier tier = wasm_tier::automatic) {
    sandbox_terms terms;
    terms.kind = kind;
    terms.tier = tier;
    auto checked = machine_->check(terms, {});
    if (!checked)
      MESSAGE("not run here: ", checked.error().message);
    return checked.ok();
  }

  void run(const sample& wanted) {
    std::stop_source stop;
    std::jthread canceller;
    if (wanted.stop_after_ms >= 0)
      canceller = std::jthread{[&stop, &wanted] {
        std::this_thread::sleep_for(
          std::chrono::milliseconds{wanted.stop_after_ms});
        stop.request_stop();
      }};
    auto result = machine_->execute(wanted.request, stop.get_token());
    ++runs_;
    if (result.outcome == wanted.outcome && output_of(result) == wanted.output)
      return;
    std::lock_guard guard{mutex_};
    wrong_ += std::string{wanted.name} + ": " + describe(result) + "\n";
  }

  /// Each of the threads does that many runs: every n-th is an odd one.
  void run_side_by_side(std::size_t threads, std::size_t runs,
                        const std::vector<sample>& common,
                        const std::vector<sample>& odd, std::size_t every_nth) {
    std::vector<std::jthread> all;
    for (std::size_t thread = 0; thread < threads; ++thread)
      all.emplace_back([&, thread] {
        for (std::size_t i = 0; i < runs; ++i)
          if (i % every_nth == every_nth - 1)
            run(odd[(i / every_nth + thread * runs / every_nth) % odd.size()]);
          else
            run(common[(i + thread) % common.size()]);
      });
  }

  /// Has everything made that is kept for later runs.
  void warm_up(const std::vector<sample>& samples) {
    for (int round = 0; round < 2; ++round)
      run_side_by_side(8, (samples.size() + 7) / 8, samples, samples, 1);
    check_results();
    reference_ = take(where_);
    runs_ = 0;
  }

  void check_results() {
    INFO(wrong_);
    CHECK(wrong_.empty());
    wrong_.clear();
  }

  void check_nothing_left(std::size_t runs) {
    check_results();
    CHECK(runs_ == runs);
    runs_ = 0;
    CHECK(changes(reference_, where_) == "");
  }

  /// Not even what was kept for later runs.
  void check_end() {
    machine_.reset();
    CHECK(changes(before_, after_) == "");
    for (const auto& group : where_.groups)
      CHECK_FALSE(fs::exists(group));
  }

private:
  scratch_directory scratch_;
  std::unique_ptr<sandbox::local_executor> machine_;
  places where_;
  places after_;
  traces before_;
  traces reference_;
  std::atomic<std::size_t> runs_{0};
  std::mutex mutex_;
  std::string wrong_;
};

std::vector<sample> joined(std::vector<sample> all,
                           const std::vector<sample>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

} // namespace

TEST_CASE("a thousand programs one after the other leave nothing") {
  endurance test;
  test.warm_up(joined(odd_programs(), trivial_programs()));
  test.run_side_by_side(1, 1000, trivial_programs(), odd_programs(), 10);
  test.check_nothing_left(1000);
  test.check_end();
}

TEST_CASE("programs of eight threads at once leave nothing") {
  endurance test;
  test.warm_up(joined(odd_programs(), trivial_programs()));
  test.run_side_by_side(8, 60, trivial_programs(), odd_programs(), 6);
  test.check_nothing_left(480);
  test.check_end();
}

TEST_CASE("modules leave nothing, interpreted or compiled") {
  endurance test;
  if (!test.can(sandbox_kind::wasm))
    return;
  auto interpreted = modules(wasm_tier::interpreted);
  test.warm_up(interpreted);
  test.run_side_by_side(2, 25, interpreted, interpreted, 2);
  test.check_nothing_left(50);
  if (test.can(sandbox_kind::wasm, wasm_tier::compiled)) {
    auto compiled = modules(wasm_tier::compiled);
    test.warm_up(compiled);
    test.run_side_by_side(2, 10, compiled, compiled, 2);
    test.check_nothing_left(20);
  }
  test.check_end();
}

TEST_CASE("containers leave nothing") {
  endurance test;
  if (!test.can(sandbox_kind::container))
    return;
  auto samples = contained(joined(odd_programs(), trivial_programs()));
  test.warm_up(samples);
  test.run_side_by_side(1, 8, samples, samples, 2);
  test.run_side_by_side(4, 3, samples, samples, 2);
  test.check_nothing_left(20);
  test.check_end();
}
