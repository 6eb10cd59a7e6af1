#include "sandbox/container/container_executor.hpp"

#include "sandbox/container/rootfs_packer.hpp"
#include "sandbox/container/runtime_choice.hpp"
#include "tests/sandbox/container_tar.hpp"
#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <stdlib.h>
#include <unistd.h>

using namespace artel;
using namespace artel::test;
namespace fs = std::filesystem;

namespace {

struct containers {
  explicit containers(sandbox::process_config config = {}) {
    auto made = sandbox::process_sandbox::make(std::move(config));
    INFO((made ? std::string{} : made.error().message));
    REQUIRE(made.ok());
    shared = std::move(*made);
    auto runs = sandbox::container_executor::make(shared);
    INFO((runs ? std::string{} : runs.error().message));
    REQUIRE(runs.ok());
    executor = std::move(*runs);
  }

  /// Nothing of a finished run is left.
  void check_clean() const {
    auto directory = shared->directory() / "containers";
    CHECK(fs::is_empty(directory / "state"));
    for (const auto& one : fs::directory_iterator{directory})
      CHECK_FALSE(one.path().filename().string().starts_with("run-"));
    CHECK(count_children() == 0);
  }

  std::shared_ptr<sandbox::process_sandbox> shared;
  std::unique_ptr<sandbox::container_executor> executor;
};

containers& common() {
  static containers made;
  return made;
}

sandbox::run_result run_contained(const sandbox::run_request& request,
                                  std::stop_token stop = {}) {
  auto result = common().executor->execute(request, std::move(stop));
  common().check_clean();
  return result;
}

/// A script on a root file system of busybox alone.
sandbox::run_request busybox_script(const std::string& text) {
  scratch_directory scratch;
  auto root = scratch.path / "root";
  fs::create_directories(root / "bin");
  REQUIRE(fs::exists("/bin/busybox"));
  fs::copy_file("/bin/busybox", root / "bin/busybox");
  for (const auto* name : {"sh", "ls", "cat", "id", "wc", "sleep", "yes"})
    fs::create_symlink("busybox", root / "bin" / name);
  fs::create_directory(root / "etc");
  std::ofstream{root / "etc/motd"} << "of the bundle";
  auto tar = sandbox::pack_rootfs(root);
  REQUIRE(tar.ok());
  auto request = script(text);
  auto bundle = *request.bundle;
  bundle.rootfs = "rootfs.tar.gz";
  bundle.files.push_back({bundle.rootfs, false, std::move(*tar)});
  request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
  return request;
}

} // namespace

TEST_CASE("a script runs in a container with arguments and input") {
  auto request =
    script("cat; echo $1; pwd; ls; cat job.sh | head -1; exit 3", {"{index}"});
  request.index = 42;
  request.input.kind = input_kind::data;
  request.input.name = "data";
  request.input.data = to_bytes("fed ");
  auto result = run_contained(request);
  check_outcome(result, run_outcome::nonzero_exit);
  CHECK(result.exit_code == 3);
  CHECK(output_of(result) == "fed 42\n/work\njob.sh\n#!/bin/sh\n");
}

TEST_CASE("data comes as a file where an argument asks for it") {
  auto request = script("cat \"$1\"; ls /input; touch /input/x 2>/dev/null "
                        "|| echo kept",
                        {"{file}"});
  request.input.kind = input_kind::data;
  request.input.name = "numbers.txt";
  request.input.data = to_bytes("1 2 3\n");
  check_completed(run_contained(request), "1 2 3\nnumbers.txt\nkept\n");
}

TEST_CASE("a bundle's own root file system is all that a container has") {
  auto request = busybox_script(
    "cat /etc/motd; echo; echo /*; ls -d /usr /root /home 2>/dev/null; "
    "echo x > /tmp/t && cat /work/t; (echo x > /etc/motd) 2>/dev/null "
    "|| echo kept; id -u");
  auto first = run_contained(request);
  INFO(describe(first));
  auto uid = common().executor->runtime().privilege
                 == sandbox::container_privilege::rootless
               ? "0"
               : "65533";
  check_completed(first,
                  "of the bundle\n/artel-shim /bin /dev /etc /input /job "
                  "/output /proc /tmp /work\nx\nkept\n"
                    + std::string{uid} + "\n");
  // The second run finds it unpacked, and unchanged.
  check_completed(run_contained(request), output_of(first));
  std::size_t unpacked = 0;
  for (const auto& one :
       fs::directory_iterator{common().shared->directory() / "containers"})
    if (one.path().filename().string().starts_with("rootfs-"))
      ++unpacked;
  CHECK(unpacked == 1);
}

TEST_CASE("a root file system that can't be used is the bundle's fault") {
  auto with_rootfs = [](bytes tar) {
    auto request = script("true");
    auto bundle = *request.bundle;
    bundle.rootfs = "root.tar";
    bundle.files.push_back({bundle.rootfs, false, std::move(tar)});
    request.bundle = std::make_shared<const code_bundle>(std::move(bundle));
    return run_contained(request);
  };
  auto broken = with_rootfs(to_bytes("no tar"));
  check_outcome(broken, run_outcome::exec_failed);
  CHECK(broken.detail.find("no sound tar file") != std::string::npos);
  auto link = with_rootfs(tar_builder{}.link("proc", "/etc").finish());
  check_outcome(link, run_outcome::exec_failed);
  CHECK(link.detail.find("'proc' is a link") != std::string::npos);
  auto empty = with_rootfs(tar_builder{}.directory("./").finish());
  check_outcome(empty, run_outcome::exec_failed);
  CHECK(empty.detail.find("job.sh") != std::string::npos);
}

TEST_CASE("nothing outside can be seen, changed or reached") {
  auto result = run_contained(script(
    "for d in / /usr /usr/bin /etc /dev /proc /job /input; do "
    "(echo x > $d/f) 2>/dev/null && echo wrote $d; done; "
    "ls -d /root /home /var /sys /etc/shadow 2>/dev/null; "
    "grep -c : /proc/net/dev; hostname; "
    "for p in /proc/[0-9]*; do echo; done | wc -l; "
    "grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp):' /proc/self/status "
    "| cut -f2 | tr '\\n' ' '; "
    "kill -0 "
    + std::to_string(::getpid()) + " 2>/dev/null || echo gone"));
  INFO(describe(result));
  auto output = output_of(result);
  CHECK(output.starts_with("1\nsandbox\n"));
  CHECK(output.ends_with("0000000000000000 0000000000000000 "
                         "0000000000000000 1 2 gone\n"));
  check_outcome(result, run_outcome::completed);
}

TEST_CASE("forbidden system calls kill, unknown ones just fail") {
  check_outcome(run_contained(script("exec unshare -U true")),
                run_outcome::forbidden_syscall);
  // io_uring_setup; then socket with AF_INET; then TIOCSTI.
  check_completed(
    run_contained(script(
      "perl -e '$! = 0; syscall(425, 1, 0); print $! + 0; use Socket; "
      "print socket(S, PF_INET, SOCK_STREAM, 0) ? \" socket\" : \" none\"; "
      "my $x = \"x\"; $! = 0; ioctl(STDIN, 0x5412, $x); "
      "print \" \", $! + 0'")),
    "38 none 38");
}

TEST_CASE("a container past its time is ended with all its processes") {
  auto request = script("sleep LONG & setsid sleep LONG & echo started; wait");
  request.limits.wall_time = milliseconds{700};
  auto result = run_contained(request);
  check_outcome(result, run_outcome::timeout);
  CHECK(output_of(result) == "started\n");
  CHECK(result.wall_time_used < milliseconds{10'000});
  CHECK(count_processes(long_time()) == 0);
}

TEST_CASE("cancelling ends a container at any moment") {
  for (int delay : {0, 15, 40, 300}) {
    std::stop_source stop;
    std::jthread canceller{[&stop, delay] {
      std::this_thread::sleep_for(std::chrono::milliseconds{delay});
      stop.request_stop();
    }};
    auto result = run_contained(script("exec sleep LONG"), stop.get_token());
    check_outcome(result, run_outcome::cancelled);
    CHECK(count_processes(long_time()) == 0);
  }
}

TEST_CASE("memory, output and processor time are limited in containers") {
  auto request = script("perl -e '$x = q(a) x 300000000; sleep 60'");
  request.limits.memory_bytes = 64 << 20;
  check_outcome(run_contained(request), run_outcome::memory_limit);
  request = script("yes");
  request.limits.stdout_bytes = 10'000;
  auto result = run_contained(request);
  check_outcome(result, run_outcome::output_limit);
  CHECK(result.output.size() == 10'000);
  request = script("while :; do :; done");
  request.limits.cpu_time = milliseconds{300};
  check_outcome(run_contained(request), run_outcome::cpu_limit);
  request = script("i=0; while [ $i -lt 1000 ]; do sleep LONG & "
                   "i=$((i+1)); done; wait");
  request.limits.processes = 8;
  request.limits.wall_time = milliseconds{2'000};
  result = run_contained(request);
  CHECK(result.outcome != run_outcome::completed);
  CHECK(count_processes(long_time()) == 0);
}

TEST_CASE("the work directory is bounded, and each run has a fresh one") {
  auto request = script("ls -A; head -c 5000000 /dev/zero > big 2>/dev/null "
                        "|| echo full; wc -c < big");
  request.limits.work_directory_bytes = 1 << 20;
  for (int round = 0; round < 2; ++round)
    check_completed(run_contained(request), "job.sh\nfull\n1048576\n");
}

TEST_CASE("files left in the output directory are collected") {
  auto request = script("echo one > /output/a; mkdir $ARTEL_OUTPUT/d; "
                        "echo two > $ARTEL_OUTPUT/d/b; "
                        "ln -s /etc/passwd /output/link");
  request.limits.output_files_bytes = 1 << 20;
  auto result = run_contained(request);
  check_completed(result, "");
  REQUIRE(result.files.size() == 2);
  CHECK(result.files[0].name == "a");
  CHECK(as_text(result.files[1].data) == "two\n");
}

TEST_CASE("containers run side by side") {
  auto& executor = *common().executor;
  std::vector<std::jthread> threads;
  std::atomic<int> completed = 0;
  for (int i = 0; i < 6; ++i)
    threads.emplace_back([i, &executor, &completed] {
      auto request =
        script("echo $1 > f; sleep 0.2; cat f; cat", {std::to_string(i)});
      auto result = executor.execute(request, {});
      if (output_of(result) == std::to_string(i) + "\n")
        ++completed;
    });
  threads.clear();
  CHECK(completed == 6);
  common().check_clean();
}

TEST_CASE("a run without a bundle, and one that is stopped, don't start") {
  check_outcome(run_contained({}), run_outcome::exec_failed);
  std::stop_source stop;
  stop.request_stop();
  check_outcome(run_contained(script("true"), stop.get_token()),
                run_outcome::cancelled);
}

TEST_CASE("a runtime that fails is told with its own words") {
  auto host = sandbox::container_host::make(
    std::move(*sandbox::process_sandbox::make({})));
  REQUIRE(host.ok());
  sandbox::container_runtime runtime = common().executor->runtime();
  sandbox::program_run program;
  program.program = "/bin/true";
  auto result = (*host)->run(runtime, program, "/no/such/directory", {});
  check_outcome(result, run_outcome::sandbox_unavailable);
  CHECK(result.detail.starts_with(runtime.name + ": "));
  CHECK(result.detail.find("/no/such/directory") != std::string::npos);
  runtime.path = "/no/such/runtime";
  result = (*host)->run(runtime, program, {}, {});
  check_outcome(result, run_outcome::sandbox_unavailable);
  CHECK(result.detail.find("/no/such/runtime") != std::string::npos);
}

TEST_CASE("root can do without user namespaces, as another user inside") {
  if (::geteuid() != 0)
    return;
  auto sandbox = sandbox::process_sandbox::make({});
  REQUIRE(sandbox.ok());
  auto host = sandbox::container_host::make(*sandbox);
  REQUIRE(host.ok());
  auto runtime = common().executor->runtime();
  runtime.privilege = sandbox::container_privilege::root;
  auto request =
    script("id -u; id -g; grep -E '^(Cap(Prm|Eff|Bnd)|NoNewPrivs|Seccomp):' "
           "/proc/self/status | cut -f2 | tr '\\n' ' '; touch /work/f && "
           "ls /work; sleep LONG");
  sandbox::program_run program;
  program.bundle = request.bundle;
  program.program = "/job/job.sh";
  program.name = "job.sh";
  program.limits.wall_time = milliseconds{1'000};
  auto result = (*host)->run(runtime, program, {}, {});
  check_outcome(result, run_outcome::timeout);
  CHECK(output_of(result)
        == "65533\n65533\n0000000000000000 0000000000000000 "
           "0000000000000000 1 2 f\njob.sh\n");
  CHECK(count_processes(long_time()) == 0);
  CHECK(fs::is_empty((*host)->directory() / "state"));
}

TEST_CASE("the runtime is told with its version and how it is run") {
  auto runtime = common().executor->runtime();
  CHECK(runtime.path.is_absolute());
  CHECK((runtime.name == "runc" || runtime.name == "crun"));
  CHECK(runtime.describe().find(runtime.version + ", ") != std::string::npos);
  CHECK(runtime.version.find('.') != std::string::npos);
}
