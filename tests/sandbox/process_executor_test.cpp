#include "sandbox/process_executor.hpp"

#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <thread>
#include <vector>

#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

using namespace artel;
using namespace artel::test;

namespace fs = std::filesystem;

namespace {

/// A directory that the sandbox's user can pass through, gone afterwards.
class scratch_directory {
public:
  scratch_directory() {
    auto name = (fs::temp_directory_path() / "artel-test-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    REQUIRE(::chmod(name.c_str(), 0755) == 0);
    path = name;
  }
  ~scratch_directory() { fs::remove_all(path); }
  scratch_directory(const scratch_directory&) = delete;
  scratch_directory& operator=(const scratch_directory&) = delete;

  fs::path path;
};

std::size_t count_entries(const fs::path& directory) {
  return static_cast<std::size_t>(
    std::distance(fs::directory_iterator{directory}, fs::directory_iterator{}));
}

/// Children of this process, dead or alive, by /proc.
std::size_t count_children() {
  std::size_t count = 0;
  for (const auto& task : fs::directory_iterator{"/proc/self/task"}) {
    std::ifstream children{task.path() / "children"};
    for (pid_t child; children >> child;)
      ++count;
  }
  return count;
}

/// Processes of this machine whose command line holds the text.
std::size_t count_processes(const std::string& text) {
  std::size_t count = 0;
  for (const auto& entry : fs::directory_iterator{"/proc"}) {
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

void check_outcome(const sandbox::run_result& result, run_outcome expected) {
  INFO(describe(result));
  CHECK(to_string(result.outcome) == to_string(expected));
  CHECK((result.detail.empty() == (expected == run_outcome::completed)));
}

void check_completed(const sandbox::run_result& result,
                     const std::string& output) {
  check_outcome(result, run_outcome::completed);
  INFO(describe(result));
  CHECK(output_of(result) == output);
}

} // namespace

TEST_CASE("this machine can sandbox processes") {
  auto checked = sandbox::check_process_sandbox({});
  INFO((checked ? std::string{} : checked.error().message));
  CHECK(checked.ok());
}

TEST_CASE("a missing bubblewrap or shim is told with its path") {
  sandbox::process_config config;
  config.bubblewrap = "/nowhere/bwrap";
  auto checked = sandbox::check_process_sandbox(config);
  REQUIRE(!checked.ok());
  CHECK(checked.error().code == errc::sandbox_unavailable);
  CHECK(checked.error().message.find("/nowhere/bwrap") != std::string::npos);

  config = {};
  config.shim = "/nowhere/artel-shim";
  auto made = sandbox::process_executor::make(config);
  REQUIRE(!made.ok());
  CHECK(made.error().code == errc::sandbox_unavailable);
  CHECK(made.error().message.find("/nowhere/artel-shim") != std::string::npos);
}

TEST_CASE("without bwrap on PATH the message says what to install") {
  std::string path = ::getenv("PATH");
  ::setenv("PATH", "/nowhere", 1);
  auto made = sandbox::process_executor::make({});
  ::setenv("PATH", path.c_str(), 1);
  REQUIRE(!made.ok());
  CHECK(made.error().code == errc::sandbox_unavailable);
  CHECK(made.error().message.find("apt install bubblewrap")
        != std::string::npos);
}

TEST_CASE("a bubblewrap that fails makes the sandbox unavailable") {
  sandbox::process_config config;
  config.bubblewrap = "/bin/false";
  auto result = make_executor(config)->execute(script("true"), {});
  check_outcome(result, run_outcome::sandbox_unavailable);
}

TEST_CASE("a helper that is nowhere is not found, and both places are named") {
  auto found = sandbox::find_helper("artel-no-such-helper");
  REQUIRE(!found.ok());
  CHECK(found.error().code == errc::not_found);
  CHECK(found.error().message.find("libexec/artel/artel-no-such-helper")
        != std::string::npos);
  CHECK(sandbox::find_helper("artel-shim").ok());
}

TEST_CASE("a program's standard output is the result, its use is measured") {
  auto result = run(script("echo out; echo err >&2; i=0; "
                           "while [ $i -lt 20000 ]; do i=$((i+1)); done"));
  check_completed(result, "out\n");
  CHECK(result.stderr_tail == "err\n");
  CHECK(result.exit_code == 0);
  CHECK(result.cpu_time_used.count() > 0);
  CHECK(result.wall_time_used.count() > 0);
  CHECK(result.memory_peak_bytes > 100'000);
  CHECK(result.memory_peak_bytes < 100'000'000);
}

TEST_CASE("a program of the machine itself runs by its absolute path") {
  code_bundle bundle;
  bundle.main = "/usr/bin/expr";
  bundle.arguments = {"{first}", "+", "{last}"};
  sandbox::run_request request;
  request.bundle = std::make_shared<const code_bundle>(bundle);
  request.input.kind = input_kind::range;
  request.input.first = 17;
  request.input.last = 25;
  check_completed(run(request), "42\n");
}

TEST_CASE("arguments reach the program as they are") {
  auto request =
    script("for a in \"$@\"; do printf '[%s]' \"$a\"; done",
           {"{index}", "", "a b", "{{x}}", "--", "-n", "$HOME", "*"});
  request.index = 7;
  check_completed(run(request), "[7][][a b][{x}][--][-n][$HOME][*]");
}

TEST_CASE("a job's data comes on standard input, else in a file of its name") {
  auto request = script("cat");
  request.input.kind = input_kind::data;
  request.input.name = "words.txt";
  request.input.data = to_bytes("alpha beta\n");
  check_completed(run(request), "alpha beta\n");

  code_bundle bundle;
  bundle.main = "job.sh";
  bundle.files.push_back(
    {"job.sh", true,
     to_bytes("#!/bin/sh\necho \"$1\"; cat \"$1\" -; echo x >> \"$1\"; true")});
  bundle.arguments = {"{file}"};
  bundle.standard_input = to_bytes("from the bundle\n");
  request.bundle = std::make_shared<const code_bundle>(bundle);
  auto result = run(request);
  check_completed(result, "/input/words.txt\nalpha beta\nfrom the bundle\n");
  CHECK(result.stderr_tail.find("words.txt") != std::string::npos);
}

TEST_CASE("data names that are no plain file names are refused") {
  for (std::string name : {"", ".", "..", "../x", "a/b", "/etc/passwd"}) {
    CAPTURE(name);
    auto request = script("cat \"$1\"", {"{file}"});
    request.input.kind = input_kind::data;
    request.input.name = name;
    check_outcome(run(request), run_outcome::exec_failed);
  }
}

TEST_CASE("a placeholder that the job has no value for is refused") {
  auto result = run(script("true", {"{first}"}));
  check_outcome(result, run_outcome::exec_failed);
  CHECK(result.detail.find("arguments[0]") != std::string::npos);
}

TEST_CASE("standard input of many megabytes passes through unchanged") {
  auto request = script("cat");
  request.limits.stdout_bytes = 16u << 20;
  request.input.kind = input_kind::data;
  request.input.name = "big";
  request.input.data.resize(8u << 20);
  for (std::size_t i = 0; i < request.input.data.size(); ++i)
    request.input.data[i] = static_cast<std::uint8_t>(i * 2654435761u >> 24);
  auto result = run(request);
  check_outcome(result, run_outcome::completed);
  CHECK((result.output == request.input.data));
}

TEST_CASE("a program need not read its input") {
  for (const auto* text : {"echo done", "exec 0<&-; echo done"}) {
    auto request = script(text);
    request.input.kind = input_kind::data;
    request.input.name = "big";
    request.input.data.resize(4u << 20);
    check_completed(run(request), "done\n");
  }
}

TEST_CASE("standard streams can be opened by their names in /dev") {
  auto request = script("cat /dev/stdin > /dev/stdout; echo e > /dev/stderr");
  request.input.kind = input_kind::data;
  request.input.name = "x";
  request.input.data = to_bytes("through\n");
  auto result = run(request);
  check_completed(result, "through\n");
  CHECK(result.stderr_tail == "e\n");
}

TEST_CASE("bundle files stand read-only in the directory of the start") {
  auto request = script("cat data.txt sub/deep/more.txt; "
                        "echo changed 2>/dev/null > sub/deep/more.txt "
                        "|| echo refused; echo mine > own.txt; cat own.txt; "
                        "touch /job/new 2>/dev/null || echo no");
  auto bundle = *request.bundle;
  bundle.files.insert(bundle.files.begin(),
                      {"data.txt", false, to_bytes("data\n")});
  bundle.files.push_back({"sub/deep/more.txt", false, to_bytes("more\n")});
  request.bundle = std::make_shared<const code_bundle>(bundle);
  for (auto round = 0; round < 2; ++round)
    check_completed(run(request), "data\nmore\nrefused\nmine\nno\n");
}

TEST_CASE("the work directory is fresh at each run") {
  auto request = script("ls -A; echo 1 > left-behind; mkdir d; "
                        "echo 2 > /tmp/also; ls -A | wc -l");
  for (auto round = 0; round < 2; ++round)
    check_completed(run(request), "job.sh\n4\n");
}

TEST_CASE("the environment holds four variables and the directory") {
  check_completed(run(script("env | grep -v '^_=' | sort; pwd")),
                  "HOME=/work\nLANG=C.UTF-8\nPATH=/usr/bin:/bin\nPWD=/work\n"
                  "TMPDIR=/work\n/work\n");
}

TEST_CASE("an exit code is told as such, also where it looks like a signal") {
  for (auto code : {1, 3, 126, 127, 137, 255}) {
    auto result = run(script("echo partial; exit " + std::to_string(code)));
    check_outcome(result, run_outcome::nonzero_exit);
    CHECK(result.exit_code == code);
    CHECK(output_of(result) == "partial\n");
    CHECK(result.detail == "ended with exit code " + std::to_string(code));
  }
}

TEST_CASE("a signal of its own making is a crash, named with its number") {
  for (auto number : {SIGSEGV, SIGABRT, SIGKILL, SIGTERM, SIGXCPU}) {
    auto result = run(script("kill -" + std::to_string(number) + " $$"));
    check_outcome(result, run_outcome::crashed);
    CHECK(result.exit_code == number);
  }
  CHECK(run(script("kill -SEGV $$")).detail == "ended by signal 11 (SIGSEGV)");
}

TEST_CASE("a run past its wall time is a timeout, whatever it ignores") {
  auto request = script("trap '' TERM INT HUP; echo started; sleep 60");
  request.limits.wall_time = milliseconds{300};
  auto result = run(request);
  check_outcome(result, run_outcome::timeout);
  CHECK(output_of(result) == "started\n");
  CHECK(result.wall_time_used >= request.limits.wall_time);
  CHECK(result.wall_time_used < milliseconds{5'000});
}

TEST_CASE("processor time is limited, over all processes together") {
  auto request = script("while :; do :; done");
  request.limits.cpu_time = milliseconds{300};
  auto result = run(request);
  check_outcome(result, run_outcome::cpu_limit);
  CHECK(result.cpu_time_used >= request.limits.cpu_time);

  // None of the short-lived processes comes near the limit by itself.
  request = script("while :; do i=0; "
                   "( while [ $i -lt 3000 ]; do i=$((i+1)); done ) & wait; "
                   "done");
  request.limits.cpu_time = milliseconds{300};
  check_outcome(run(request), run_outcome::cpu_limit);
}

TEST_CASE("memory is limited, over all processes together") {
  auto request = script("head -c 400000000 /dev/zero | tail -c 300000000 "
                        "| wc -c");
  request.limits.memory_bytes = 64u << 20;
  auto result = run(request);
  check_outcome(result, run_outcome::memory_limit);
  CHECK(result.memory_peak_bytes > request.limits.memory_bytes);

  // Three at 40 MB each, none of them over the limit.
  request = script("for i in 1 2 3; do (head -c 40000000 /dev/zero "
                   "| (tail -c 40000000; sleep 20) > /dev/null) & done; wait");
  request.bundle = script("hold() { perl -e '$x = \"x\" x 40000000; sleep 20'; "
                          "}; hold & hold & hold & wait")
                     .bundle;
  request.limits.memory_bytes = 100'000'000;
  check_outcome(run(request), run_outcome::memory_limit);
}

TEST_CASE("memory that processes share counts once") {
  auto request = script("perl -e '$x = \"x\" x 40000000; for (1..3) "
                        "{ if (!fork) { sleep 1; exit } } "
                        "wait for 1..3; print length $x'");
  request.limits.memory_bytes = 110'000'000;
  check_completed(run(request), "40000000");
}

TEST_CASE("a file past the limit of its size ends the program") {
  auto request = script("exec head -c 3000000 /dev/zero > big");
  request.limits.file_bytes = 1u << 20;
  auto result = run(request);
  check_outcome(result, run_outcome::file_size_limit);
  CHECK(result.detail.find("1048576") != std::string::npos);
}

TEST_CASE("the work directory holds no more than its limit") {
  auto request = script("head -c 3000000 /dev/zero > a 2>/dev/null || "
                        "echo full; wc -c < a");
  request.limits.work_directory_bytes = 1u << 20;
  check_completed(run(request), "full\n1048576\n");
}

TEST_CASE("output past the limit ends the run, and what fits is kept") {
  auto request = script("yes");
  request.limits.stdout_bytes = 100'001;
  request.limits.wall_time = milliseconds{30'000};
  auto result = run(request);
  check_outcome(result, run_outcome::output_limit);
  CHECK(result.output.size() == 100'001);
  CHECK(result.wall_time_used < milliseconds{10'000});

  // Also where the program has ended before all was read.
  request = script("echo 12345");
  request.limits.stdout_bytes = 5;
  result = run(request);
  check_outcome(result, run_outcome::output_limit);
  CHECK(output_of(result) == "12345");
  request.limits.stdout_bytes = 6;
  check_completed(run(request), "12345\n");
}

TEST_CASE("of standard error only the end is kept, however much there is") {
  auto request = script("yes 1234567 | head -c 3000000 >&2; echo last >&2");
  request.limits.stderr_tail_bytes = 100;
  auto result = run(request);
  check_outcome(result, run_outcome::completed);
  CHECK(result.stderr_tail.size() == 100);
  CHECK(result.stderr_tail.ends_with("last\n"));
}

TEST_CASE("what can't be started is told in words") {
  auto missing = script("true");
  auto bundle = *missing.bundle;
  auto run_main = [&](std::string main, std::string text, bool executable) {
    bundle.main = main;
    bundle.files.clear();
    if (main.front() != '/')
      bundle.files.push_back({main, executable, to_bytes(text)});
    missing.bundle = std::make_shared<const code_bundle>(bundle);
    auto result = run(missing);
    check_outcome(result, run_outcome::exec_failed);
    return result.detail;
  };
  CHECK(run_main("/usr/bin/no-such-program", "", false)
          .starts_with("program '/usr/bin/no-such-program' not found"));
  CHECK(run_main("x", "#!/bin/sh\n", false)
          .starts_with("program 'x' is not executable"));
  CHECK(run_main("x", "#!/no/interpreter\n", true).find("interpreter")
        != std::string::npos);
  CHECK(run_main("x", "no program", true).find("format") != std::string::npos);
}

TEST_CASE("a bundle that is not sound is refused before anything is written") {
  scratch_directory scratch;
  sandbox::process_config config;
  config.work_root = scratch.path;
  auto executor = make_executor(config);
  code_bundle bundle;
  bundle.main = "../../evil";
  bundle.files.push_back({"../../evil", true, to_bytes("#!/bin/sh\n")});
  sandbox::run_request request;
  request.bundle = std::make_shared<const code_bundle>(bundle);
  check_outcome(executor->execute(request, {}), run_outcome::exec_failed);
  CHECK(count_entries(scratch.path) == 1);
}

TEST_CASE("a run without a bundle is refused") {
  sandbox::run_request request;
  request.kernel = "noop";
  check_outcome(run(request), run_outcome::exec_failed);
}

TEST_CASE("a stop request ends a run at once, also before it starts") {
  std::stop_source source;
  std::jthread stopper{[&source] {
    std::this_thread::sleep_for(std::chrono::milliseconds{100});
    source.request_stop();
  }};
  auto result = run(script("echo on; sleep 60"), source.get_token());
  check_outcome(result, run_outcome::cancelled);
  CHECK(output_of(result) == "on\n");
  CHECK(result.wall_time_used < milliseconds{3'000});
  result = run(script("echo never"), source.get_token());
  check_outcome(result, run_outcome::cancelled);
  CHECK(result.output.empty());
}

TEST_CASE("a stop request at any moment of the start leaves nothing behind") {
  for (auto delay = 0; delay < 12; ++delay) {
    std::stop_source source;
    std::jthread stopper{[&source, delay] {
      std::this_thread::sleep_for(std::chrono::microseconds{delay * 700});
      source.request_stop();
    }};
    check_outcome(run(script("sleep 4711"), source.get_token()),
                  run_outcome::cancelled);
  }
  CHECK(count_processes("4711") == 0);
  CHECK(count_children() == 0);
}

TEST_CASE("processes that a program leaves behind die with the run") {
  auto result = run(script("setsid sh -c 'setsid sleep 4712 & "
                           "setsid sleep 4712 &' > /dev/null 2>&1; "
                           "sleep 0.1; echo done"));
  check_completed(result, "done\n");
  CHECK(count_processes("4712") == 0);
}

TEST_CASE("processes that keep the output open don't keep the run going") {
  auto result = run(script("sleep 4713 & echo done"));
  check_completed(result, "done\n");
  CHECK(result.wall_time_used < milliseconds{3'000});
  CHECK(count_processes("4713") == 0);
}

TEST_CASE("processes are limited in number, and all die with the run") {
  auto request = script("i=0; while [ $i -lt 200 ]; do sleep 4714 & "
                        "i=$((i+1)); done; wait");
  request.limits.processes = 16;
  request.limits.wall_time = milliseconds{1'000};
  auto result = run(request);
  INFO(describe(result));
  CHECK(result.outcome != run_outcome::completed);
  CHECK(result.stderr_tail.find("fork") != std::string::npos);

  request = script("f() { f | f & }; f; sleep 60");
  request.limits.processes = 16;
  request.limits.wall_time = milliseconds{500};
  CHECK(run(request).outcome != run_outcome::completed);
  CHECK(count_processes("4714") == 0);
  CHECK(count_children() == 0);
}

TEST_CASE("a program can't end or trick the process that watches it") {
  auto result = run(script("kill -KILL 1; kill -TERM 1; echo alive; "
                           "(echo x > /proc/1/fd/3) 2>/dev/null || echo kept; "
                           "(echo x > /proc/1/mem) 2>/dev/null || echo kept; "
                           "ls /proc/self/fd | wc -l; exit 5"));
  check_outcome(result, run_outcome::nonzero_exit);
  CHECK(result.exit_code == 5);
  // Four: the three streams, and ls's own.
  CHECK(output_of(result) == "alive\nkept\nkept\n4\n");
  // Whom it can signal at all, that is its own processes.
  check_completed(run(script("sleep 4716 & kill -KILL -1; echo over")),
                  "over\n");
  CHECK(count_processes("4716") == 0);
}

TEST_CASE("nothing of the host is to be seen but its programs") {
  auto result = run(script(
    "ls -A / | tr '\\n' ' '; echo; ls -A /etc | tr '\\n' ' '; echo; "
    "for f in /etc/shadow /etc/passwd /root /home /var /sys /proc/1/root/etc; "
    "do ls -d $f/ $f 2>/dev/null; done; "
    "ps ax 2>/dev/null | grep -c '[t]est_sandbox'; hostname"));
  INFO(describe(result));
  CHECK(output_of(result).find("shadow") == std::string::npos);
  CHECK(output_of(result).find("/root") == std::string::npos);
  auto lines = output_of(result);
  CHECK(lines.find("artel-shim bin dev etc job lib") != std::string::npos);
  CHECK(lines.ends_with("0\nsandbox\n"));
}

TEST_CASE("host processes are neither listed nor reachable") {
  auto result =
    run(script("for p in /proc/[0-9]*; do echo; done | wc -l; "
               "kill -0 "
               + std::to_string(::getpid()) + " 2>/dev/null || echo gone"));
  INFO(describe(result));
  auto output = output_of(result);
  CHECK(std::stoi(output) <= 5);
  CHECK(output.ends_with("gone\n"));
}

TEST_CASE("there is no network, not even the host's loopback") {
  auto result = run(script(
    "grep -c : /proc/net/dev; perl -e 'use Socket; "
    "print socket(S, PF_INET, SOCK_STREAM, 0) ? \"socket\" : \"none\"'"));
  check_completed(result, "1\nnone");
}

TEST_CASE("all that is not the work directory is read-only") {
  check_completed(run(script("for d in / /usr /usr/bin /etc /dev /proc /job "
                             "/dev/shm; do (echo x > $d/f) 2>/dev/null "
                             "&& echo wrote $d; done; "
                             "echo 1 2>/dev/null > /proc/sys/kernel/hostname "
                             "|| echo none")),
                  "none\n");
}

TEST_CASE("a program has no rights, and gets none from setuid programs") {
  auto result = run(script("id -u; grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs)' "
                           "/proc/self/status | cut -f2 | tr '\\n' ' '"));
  check_completed(result, "1000\n0000000000000000 0000000000000000 "
                          "0000000000000000 1 ");
}

TEST_CASE("a system call that only attacks need kills, others just fail") {
  auto result = run(script("exec unshare -U true"));
  check_outcome(result, run_outcome::forbidden_syscall);
  result = run(script("exec unshare -m true"));
  check_outcome(result, run_outcome::forbidden_syscall);
  // io_uring_setup has the same number on all machines; errno 38 is ENOSYS.
  check_completed(run(script("perl -e '$! = 0; syscall(425, 1, 0); "
                             "print $! + 0'")),
                  "38");
}

TEST_CASE("runs of many threads at once leave nothing behind") {
  scratch_directory scratch;
  sandbox::process_config config;
  config.work_root = scratch.path;
  {
    auto executor = make_executor(config);
    auto with_file =
      script("cat \"$1\"; echo $$ > x; sleep 4715 &", {"{file}"});
    // Warm, so that what is opened once and for all is not counted.
    CHECK(executor->execute(script("true"), {}).outcome
          == run_outcome::completed);
    auto descriptors = count_entries("/proc/self/fd");
    std::vector<std::jthread> threads;
    std::atomic<int> completed = 0;
    for (auto thread = 0; thread < 8; ++thread)
      threads.emplace_back([&, thread] {
        for (auto round = 0; round < 20; ++round) {
          auto text = std::to_string(thread) + ":" + std::to_string(round);
          auto request = round % 2 ? with_file : script("echo " + text);
          request.input.kind = input_kind::data;
          request.input.name = "file";
          request.input.data = to_bytes(text + "\n");
          request.limits.wall_time = milliseconds{60'000};
          auto result = executor->execute(request, {});
          if (result.outcome == run_outcome::completed
              && output_of(result) == text + "\n")
            ++completed;
        }
      });
    threads.clear();
    CHECK(completed == 160);
    CHECK(count_entries("/proc/self/fd") == descriptors);
    CHECK(count_children() == 0);
    CHECK(count_processes("4715") == 0);
    REQUIRE(count_entries(scratch.path) == 1);
    // The shim, the filter, and bundles: no input is left.
    for (const auto& entry :
         fs::directory_iterator{fs::directory_iterator{scratch.path} -> path()})
      CHECK(entry.path().filename().string().find("input")
            == std::string::npos);
  }
  CHECK(count_entries(scratch.path) == 0);
}

TEST_CASE("what a dead process left is removed, what a living one has is not") {
  scratch_directory scratch;
  fs::create_directories(scratch.path / "artel-sandbox-stale" / "bundle-0");
  fs::create_directories(scratch.path / "somebody-elses");
  sandbox::process_config config;
  config.work_root = scratch.path;
  auto first = make_executor(config);
  CHECK(!fs::exists(scratch.path / "artel-sandbox-stale"));
  auto second = make_executor(config);
  CHECK(count_entries(scratch.path) == 3);
  check_outcome(first->execute(script("true"), {}), run_outcome::completed);
  check_outcome(second->execute(script("true"), {}), run_outcome::completed);
  first.reset();
  second.reset();
  CHECK(count_entries(scratch.path) == 1);
}

TEST_CASE("a work root that the sandbox's user can't enter is refused") {
  if (::geteuid() != 0)
    return;
  scratch_directory scratch;
  REQUIRE(::chmod(scratch.path.c_str(), 0700) == 0);
  sandbox::process_config config;
  config.work_root = scratch.path / "deep";
  auto made = sandbox::process_executor::make(config);
  REQUIRE(!made.ok());
  CHECK(made.error().code == errc::system_failure);
  CHECK(made.error().message.find(scratch.path.string()) != std::string::npos);
}

TEST_CASE("bundles and kernels each go where they belong") {
  auto refused = sandbox::combined_executor{nullptr, "no bwrap here"};
  auto request = script("echo out");
  auto result = refused.execute(request, {});
  check_outcome(result, run_outcome::sandbox_unavailable);
  CHECK(result.detail == "no bwrap here");
  sandbox::combined_executor both{make_executor(), ""};
  check_completed(both.execute(request, {}), "out\n");
  request.kernel = "noop";
  check_outcome(both.execute(request, {}), run_outcome::exec_failed);
  request.bundle.reset();
  check_completed(both.execute(request, {}), "0");
}
