#include "sandbox/process/process_executor.hpp"

#include "sandbox/helper_lookup.hpp"
#include "sandbox/local_executor.hpp"

#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <cstdlib>
#include <filesystem>
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
    check_outcome(run(script("sleep LONG"), source.get_token()),
                  run_outcome::cancelled);
  }
  CHECK(count_processes(long_time()) == 0);
  CHECK(count_children() == 0);
}

TEST_CASE("runs of many threads at once leave nothing behind") {
  scratch_directory scratch;
  sandbox::process_config config;
  config.work_root = scratch.path;
  {
    auto executor = make_executor(config);
    auto with_file =
      script("cat \"$1\"; echo $$ > x; sleep LONG &", {"{file}"});
    std::vector<std::jthread> threads;
    std::atomic<int> completed = 0;
    auto run_rounds = [&](int thread, int rounds) {
      for (auto round = 0; round < rounds; ++round) {
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
    };
    auto run_threads = [&](int rounds) {
      for (auto thread = 0; thread < 8; ++thread)
        threads.emplace_back(run_rounds, thread, rounds);
      threads.clear();
    };
    // Warm: control groups are kept for as many runs as there were at once.
    run_threads(3);
    auto descriptors = count_entries("/proc/self/fd");
    run_threads(20);
    CHECK(completed == 8 * 23);
    CHECK(count_entries("/proc/self/fd") == descriptors);
    CHECK(count_children() == 0);
    CHECK(count_processes(long_time()) == 0);
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
  sandbox::local_config broken;
  broken.process.bubblewrap = "/nowhere/bwrap";
  auto request = script("echo out");
  auto refused = sandbox::local_executor{broken}.execute(request, {});
  check_outcome(refused, run_outcome::sandbox_unavailable);
  CHECK(refused.detail.find("/nowhere/bwrap") != std::string::npos);

  sandbox::local_executor both{{}};
  check_completed(both.execute(request, {}), "out\n");
  request.kernel = "noop";
  check_outcome(both.execute(request, {}), run_outcome::exec_failed);
  request.bundle.reset();
  check_completed(both.execute(request, {}), "0");
}
