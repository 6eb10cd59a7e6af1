// What a sandbox costs: milliseconds for a run of a trivial program, bare
// (posix_spawn), in bubblewrap alone, and in each executor, a few runs of each
// in turn, as ratios to bubblewrap alone. Then compiled and interpreted
// WebAssembly against native code on a prime-counting loop.
//
//   bench_sandbox [rounds [last-number]]
#include "sandbox/helper_lookup.hpp"
#include "sandbox/local_executor.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <string>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>

namespace {

using namespace artel;

double milliseconds_since(std::chrono::steady_clock::time_point start) {
  return std::chrono::duration<double, std::milli>(
           std::chrono::steady_clock::now() - start)
    .count();
}

double median(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  return values.empty() ? 0 : values[values.size() / 2];
}

[[noreturn]] void fail(const std::string& message) {
  std::fprintf(stderr, "bench_sandbox: %s\n", message.c_str());
  std::exit(1);
}

/// Starts a program with standard output to nowhere, and waits for it.
void spawn_and_wait(std::vector<std::string> command) {
  std::vector<char*> arguments;
  for (auto& one : command)
    arguments.push_back(one.data());
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 1, "/dev/null", O_WRONLY, 0);
  pid_t child = -1;
  if (::posix_spawn(&child, arguments[0], &files, nullptr, arguments.data(),
                    ::environ)
      != 0)
    fail("cannot start " + command[0]);
  ::posix_spawn_file_actions_destroy(&files);
  int status = 0;
  ::waitpid(child, &status, 0);
  if (!WIFEXITED(status) || WEXITSTATUS(status) != 0)
    fail(command[0] + " failed");
}

/// What the process sandbox asks bubblewrap for, without anything of artel's.
std::vector<std::string> bubblewrap_alone() {
  auto bwrap = sandbox::find_on_path("bwrap");
  if (!bwrap)
    fail("bubblewrap is not installed");
  std::vector<std::string> command{bwrap->string(),
                                   "--unshare-all",
                                   "--unshare-user",
                                   "--disable-userns",
                                   "--die-with-parent",
                                   "--new-session",
                                   "--as-pid-1",
                                   "--uid",
                                   "1000",
                                   "--gid",
                                   "1000",
                                   "--hostname",
                                   "sandbox",
                                   "--cap-drop",
                                   "ALL"};
  for (const auto& option : sandbox::shared_system())
    command.push_back(option);
  for (const char* option :
       {"--proc",    "/proc",        "--dev",   "/dev",
        "--size",    "16777216",     "--tmpfs", "/work",
        "--symlink", "work",         "/tmp",    "--remount-ro",
        "/proc",     "--remount-ro", "/dev",    "--remount-ro",
        "/",         "--chdir",      "/work",   "--clearenv",
        "--",        "/bin/true"})
    command.emplace_back(option);
  return command;
}

bytes read_beside(const std::string& name) {
  auto directory = sandbox::find_helper_directory("bench");
  if (!directory)
    fail(directory.error().message);
  std::ifstream file{*directory / name, std::ios::binary};
  if (!file)
    fail("cannot read " + (*directory / name).string());
  return {std::istreambuf_iterator<char>{file}, {}};
}

/// An empty module: a memory, and a `_start` that returns.
bytes trivial_module() {
  return {0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00, 0x01, 0x04,
          0x01, 0x60, 0x00, 0x00, 0x03, 0x02, 0x01, 0x00, 0x05, 0x03,
          0x01, 0x00, 0x01, 0x07, 0x13, 0x02, 0x06, 'm',  'e',  'm',
          'o',  'r',  'y',  0x02, 0x00, 0x06, '_',  's',  't',  'a',
          'r',  't',  0x00, 0x00, 0x0a, 0x04, 0x01, 0x02, 0x00, 0x0b};
}

sandbox::run_request request_of(sandbox_kind kind, wasm_tier tier,
                                code_bundle bundle) {
  sandbox::run_request request;
  request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  request.sandbox = {kind, tier, nan_policy::canonical};
  request.limits.wall_time = std::chrono::seconds{120};
  request.limits.cpu_time = std::chrono::seconds{120};
  return request;
}

code_bundle system_program(const char* path) {
  code_bundle bundle;
  bundle.main = path;
  return bundle;
}

code_bundle single_file(const std::string& name, bytes data,
                        std::vector<std::string> arguments = {}) {
  code_bundle bundle;
  bundle.main = name;
  bundle.files.push_back({name, true, std::move(data)});
  bundle.arguments = std::move(arguments);
  return bundle;
}

sandbox::run_result must_run(sandbox::local_executor& machine,
                             const sandbox::run_request& request) {
  auto result = machine.execute(request, {});
  if (result.outcome != run_outcome::completed)
    fail(request.bundle->main + " failed: " + result.detail + "\n"
         + result.stderr_tail);
  return result;
}

struct contender {
  std::string name;
  std::function<void()> run;
  std::vector<double> times;
};

void time_rounds(std::vector<contender>& all, int rounds) {
  // Warm: caches, modules compiled, control groups made.
  for (auto& one : all)
    for (int i = 0; i < 3; ++i)
      one.run();
  // The kernel takes a namespace apart after its last process has ended, and
  // who makes the next one waits for that: so a few runs of one kind in a row,
  // the first of which is not counted.
  constexpr int row = 5;
  for (int round = 0; round < rounds; round += row)
    for (auto& one : all) {
      one.run();
      for (int i = 0; i < row; ++i) {
        auto start = std::chrono::steady_clock::now();
        one.run();
        one.times.push_back(milliseconds_since(start));
      }
    }
}

void add_executors(std::vector<contender>& all,
                   sandbox::local_executor& machine) {
  auto add = [&](const std::string& name, sandbox::run_request request) {
    auto able = machine.check(request.sandbox, request.limits);
    if (!able) {
      std::printf("%s is left out: %s\n", name.c_str(),
                  able.error().message.c_str());
      return;
    }
    all.push_back(
      {name, [&machine, request] { must_run(machine, request); }, {}});
  };
  add("process", request_of(sandbox_kind::process, wasm_tier::automatic,
                            system_program("/bin/true")));
  add("wasm, interpreted",
      request_of(sandbox_kind::wasm, wasm_tier::interpreted,
                 single_file("empty.wasm", trivial_module())));
  add("wasm, compiled and cached",
      request_of(sandbox_kind::wasm, wasm_tier::compiled,
                 single_file("empty.wasm", trivial_module())));
  add("container", request_of(sandbox_kind::container, wasm_tier::automatic,
                              system_program("/bin/true")));
}

double cpu_ms(sandbox::local_executor& machine,
              const sandbox::run_request& request) {
  return static_cast<double>(must_run(machine, request).cpu_time_used.count());
}

void time_prime_loop(sandbox::local_executor& machine,
                     const std::string& last) {
  auto loop = [&](sandbox_kind kind, wasm_tier tier, const std::string& file) {
    return request_of(kind, tier,
                      single_file(file, read_beside(file), {"1", last}));
  };
  auto native = loop(sandbox_kind::process, wasm_tier::automatic, "prime_loop");
  auto compiled =
    loop(sandbox_kind::wasm, wasm_tier::compiled, "prime_loop.wasm");
  std::vector<double> native_times;
  std::vector<double> compiled_times;
  for (int round = 0; round < 5; ++round) {
    native_times.push_back(cpu_ms(machine, native));
    compiled_times.push_back(cpu_ms(machine, compiled));
  }
  auto base = median(native_times);
  std::printf("\nCounting the primes up to %s by trial division,"
              " processor time:\n",
              last.c_str());
  std::printf("  %-28s %8.0f ms  1.00x\n", "native (-O2)", base);
  std::printf("  %-28s %8.0f ms  %.2fx  target: at most 1.15x\n",
              "wasm, compiled", median(compiled_times),
              median(compiled_times) / base);
  // A tenth of the range is enough to see how slow that is.
  auto shorter = std::to_string(std::stoull(last) / 10);
  auto interpreted =
    request_of(sandbox_kind::wasm, wasm_tier::interpreted,
               single_file("prime_loop.wasm", read_beside("prime_loop.wasm"),
                           {"1", shorter}));
  auto native_shorter = request_of(
    sandbox_kind::process, wasm_tier::automatic,
    single_file("prime_loop", read_beside("prime_loop"), {"1", shorter}));
  auto result = must_run(machine, interpreted);
  auto time = static_cast<double>(result.cpu_time_used.count());
  std::printf("  %-28s %8.0f ms  %.0fx  (up to %s; %.0f million"
              " instructions/s)\n",
              "wasm, interpreted", time,
              time / std::max(cpu_ms(machine, native_shorter), 1.0),
              shorter.c_str(),
              static_cast<double>(result.fuel_used) / time / 1000);
}

} // namespace

int main(int count, char** arguments) {
  auto rounds = count > 1 ? std::atoi(arguments[1]) : 60;
  std::string last = count > 2 ? arguments[2] : "3000000";
  sandbox::local_executor machine{{}};
  std::vector<contender> all;
  all.push_back(
    {"bare (posix_spawn)", [] { spawn_and_wait({"/bin/true"}); }, {}});
  auto alone = bubblewrap_alone();
  all.push_back({"bubblewrap alone", [alone] { spawn_and_wait(alone); }, {}});
  add_executors(all, machine);
  time_rounds(all, std::max(rounds, 1));
  auto base = median(all[1].times);
  auto process = median(all[2].times);
  std::printf("Milliseconds a run of a trivial program, median of %d:\n",
              rounds);
  for (const auto& one : all) {
    auto time = median(one.times);
    std::printf("  %-28s %8.2f ms  %5.2fx bubblewrap alone", one.name.c_str(),
                time, time / base);
    if (one.name == "process")
      std::printf("  target: at most 1.5x");
    else if (one.name.starts_with("wasm"))
      std::printf("  %5.2fx process, target: at most 1.5x", time / process);
    std::printf("\n");
  }
  time_prime_loop(machine, last);
  return 0;
}
