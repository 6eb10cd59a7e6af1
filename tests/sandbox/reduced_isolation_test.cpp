#include "sandbox/process/process_executor.hpp"
#include "sandbox/process/reduced_place.hpp"

#include "tests/sandbox/scripts.hpp"

#include <doctest/doctest.h>

#include <string>

#include <unistd.h>

using namespace artel;
using namespace artel::test;

namespace {

/// Null where this machine can't hold a program back without namespaces.
std::unique_ptr<sandbox::process_executor>
make_reduced(const std::filesystem::path& work_root) {
  sandbox::process_config config;
  config.isolation = sandbox::isolation_level::reduced;
  config.work_root = work_root;
  auto made = sandbox::process_executor::make(config);
  if (!made) {
    CHECK(made.error().code == errc::sandbox_unavailable);
    CHECK(made.error().message.find("Landlock") != std::string::npos);
    return nullptr;
  }
  return std::move(*made);
}

} // namespace

TEST_CASE("without namespaces programs, data and output files still work") {
  scratch_directory scratch;
  auto executor = make_reduced(scratch.path);
  if (!executor)
    return;
  auto request = script("cat \"$1\"; cat job.sh | wc -l; echo made > "
                        "\"$ARTEL_OUTPUT/file\"; pwd > x; test -s x && echo ok",
                        {"{file}"});
  request.input.kind = input_kind::data;
  request.input.name = "data";
  request.input.data = to_bytes("the data\n");
  request.limits.output_files_bytes = 1u << 20;
  auto result = executor->execute(request, {});
  check_completed(result, "the data\n1\nok\n");
  REQUIRE(result.files.size() == 1);
  CHECK(result.files[0].name == "file");
  CHECK(as_text(result.files[0].data) == "made\n");
  // The shim, the filter and the bundle; nothing of the run.
  for (const auto& entry :
       std::filesystem::recursive_directory_iterator{scratch.path})
    CHECK(entry.path().string().find("/run-") == std::string::npos);
}

TEST_CASE("without namespaces the filter, rights and limits hold") {
  scratch_directory scratch;
  auto executor = make_reduced(scratch.path);
  if (!executor)
    return;
  auto run = [&](const sandbox::run_request& request) {
    return executor->execute(request, {});
  };
  check_completed(run(script("grep -E '^(Seccomp|NoNewPrivs):' "
                             "/proc/self/status | cut -f2 | tr '\\n' ' ' "
                             "2>/dev/null || true; echo x > /tmp/artel-escape "
                             "2>/dev/null || echo kept; "
                             "cat /etc/passwd 2>/dev/null || echo hidden")),
                  "kept\nhidden\n");
  CHECK_FALSE(std::filesystem::exists("/tmp/artel-escape"));
  check_outcome(run(script("exec unshare -U true")),
                run_outcome::forbidden_syscall);
  auto spin = script("while :; do :; done");
  spin.limits.cpu_time = milliseconds{300};
  check_outcome(run(spin), run_outcome::cpu_limit);
  auto asleep = script("sleep LONG & exec sleep LONG");
  asleep.limits.wall_time = milliseconds{300};
  check_outcome(run(asleep), run_outcome::timeout);
  CHECK(count_processes(long_time()) == 0);
  auto tail = script("exec tail /dev/zero");
  tail.limits.memory_bytes = 32u << 20;
  check_outcome(run(tail), run_outcome::memory_limit);
}

TEST_CASE("without namespaces what a program leaves behind dies with it too") {
  scratch_directory scratch;
  auto executor = make_reduced(scratch.path);
  if (!executor)
    return;
  auto result = executor->execute(
    script("setsid sh -c 'setsid sleep LONG & setsid sleep LONG &' "
           "> /dev/null 2>&1; sleep LONG & echo done"),
    {});
  check_completed(result, "done\n");
  CHECK(count_processes(long_time()) == 0);
  CHECK(count_children() == 0);
}

TEST_CASE("without namespaces signals reach nobody outside") {
  scratch_directory scratch;
  auto executor = make_reduced(scratch.path);
  if (!executor)
    return;
  check_completed(
    executor->execute(script("kill -0 " + std::to_string(::getpid())
                             + " 2>/dev/null || echo kept"),
                      {}),
    "kept\n");
}
