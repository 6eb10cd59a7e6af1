#include "tools/artel/run_report.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

run_report sample() {
  run_report report;
  report.program = "job.sh";
  report.isolation = "full: all of it";
  report.memory_measured = "by its control group";
  report.limits.output_files_bytes = 1u << 20;
  auto& result = report.result;
  result.output = to_bytes("hello\n");
  result.stderr_tail = "warned\n";
  result.files = {{"a.bin", bytes{0xff, 0x00}}, {"b.txt", to_bytes("text")}};
  result.wall_time_used = milliseconds{12};
  result.cpu_time_used = milliseconds{3};
  result.memory_peak_bytes = 1u << 20;
  return report;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("every outcome has an exit code") {
  using enum run_outcome;
  CHECK(exit_code_of(completed) == exit_code::done);
  CHECK(exit_code_of(timeout) == exit_code::timed_out);
  CHECK(exit_code_of(cpu_limit) == exit_code::timed_out);
  CHECK(exit_code_of(sandbox_unavailable) == exit_code::sandbox_unavailable);
  CHECK(exit_code_of(cancelled) == exit_code::interrupted);
  for (auto outcome :
       {nonzero_exit, crashed, memory_limit, file_size_limit, output_limit,
        forbidden_syscall, exec_failed, invalid_module, unsupported_import,
        fuel_exhausted, trap})
    CHECK(exit_code_of(outcome) == exit_code::job_failed);
}

TEST_CASE("a summary tells what was used, of what was allowed") {
  auto text = run_summary(sample());
  CHECK(text.starts_with("job.sh: completed\n"));
  CHECK(has(text, "exit code   0\n"));
  CHECK(has(text, "wall time   12 ms of 10 s\n"));
  CHECK(has(text, "cpu time    3 ms of 10 s\n"));
  CHECK(has(text, "1 MiB of 256 MiB at most, by its control group\n"));
  CHECK(has(text, "output      6 bytes\n"));
  CHECK(has(text, "files       2, 6 bytes\n"));
  CHECK(has(text, "b.txt, 4 bytes\n"));
  CHECK(has(text, "isolation   full: all of it\n"));
  CHECK_FALSE(has(text, "fuel"));
}

TEST_CASE("a summary tells how a failed run ended") {
  auto report = sample();
  report.result.outcome = run_outcome::crashed;
  report.result.exit_code = 11;
  report.result.detail = "ended by signal 11 (SIGSEGV)";
  report.result.fuel_used = 500;
  report.limits.fuel = 1000;
  report.limits.output_files_bytes = 0;
  report.result.files.clear();
  report.program = "\x1b[2Jjob";
  auto text = run_summary(report);
  CHECK(
    text.starts_with("\\x1b[2Jjob: crashed: ended by signal 11 (SIGSEGV)\n"));
  CHECK_FALSE(has(text, "exit code"));
  CHECK(has(text, "fuel        500 instructions of 1000\n"));
  CHECK_FALSE(has(text, "files"));
}

TEST_CASE("the document has everything, bytes as text or base64") {
  auto report = sample();
  auto document = run_json(report);
  CHECK(document["outcome"] == "completed");
  CHECK(document["exit_code"] == 0);
  CHECK(document["signal"].is_null());
  CHECK(document["output"] == "hello\n");
  CHECK(document["stderr"] == "warned\n");
  CHECK(document["wall_time_ms"] == 12);
  CHECK(document["memory_measured"] == "by its control group");
  CHECK(document["sandbox"]["kind"] == "process");
  CHECK(document["limits"]["memory_bytes"] == 256u << 20);
  REQUIRE(document["files"].size() == 2);
  CHECK(document["files"][0]["bytes"] == 2);
  CHECK(document["files"][0]["data"]["base64"] == "/wA=");
  CHECK(document["files"][1]["data"] == "text");
  // Once files are written, the document need not have them.
  report.output_directory = "out";
  CHECK_FALSE(run_json(report)["files"][1].contains("data"));
  report.result.outcome = run_outcome::crashed;
  report.result.exit_code = 9;
  CHECK(run_json(report)["exit_code"].is_null());
  CHECK(run_json(report)["signal"] == 9);
}
