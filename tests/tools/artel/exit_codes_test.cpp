#include "tools/artel/exit_codes.hpp"

#include <set>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

exit_code code_of(task_state state, errc problem, bool started) {
  task_report report;
  report.state = state;
  report.problem.code = problem;
  report.held = credits{started ? 1 : 0};
  return exit_code_of(report);
}

} // namespace

TEST_CASE("how a task ended gives the exit code") {
  using enum task_state;
  CHECK(code_of(completed, errc{}, true) == exit_code::done);
  CHECK(code_of(cancelled, errc::cancelled, true) == exit_code::interrupted);
  CHECK(code_of(expired, errc::timed_out, true) == exit_code::timed_out);
  CHECK(code_of(failed, errc::execution_failed, true) == exit_code::job_failed);
  CHECK(code_of(failed, errc::verification_failed, true)
        == exit_code::verification_failed);
  CHECK(code_of(failed, errc::timed_out, true) == exit_code::timed_out);
  CHECK(code_of(failed, errc::no_workers, false) == exit_code::no_workers);
  CHECK(code_of(failed, errc::insufficient_credits, false)
        == exit_code::insufficient_credits);
  CHECK(code_of(failed, errc::budget_exceeded, false)
        == exit_code::insufficient_credits);
  CHECK(code_of(failed, errc::sandbox_unavailable, false)
        == exit_code::sandbox_unavailable);
}

TEST_CASE(
  "the same error is bad input before a task runs, a failed job after") {
  using enum task_state;
  for (auto problem : {errc::invalid_argument, errc::limit_exceeded}) {
    CHECK(code_of(failed, problem, false) == exit_code::invalid_input);
    CHECK(code_of(failed, problem, true) == exit_code::job_failed);
  }
  CHECK(code_of(failed, errc::unreachable, true) == exit_code::failure);
  CHECK(code_of(failed, errc::system_failure, false) == exit_code::failure);
}

TEST_CASE("exit codes are distinct, and each is explained") {
  std::set<int> codes;
  for (const auto& one : exit_codes()) {
    CHECK(codes.insert(static_cast<int>(one.code)).second);
    CHECK_FALSE(one.meaning.empty());
  }
  CHECK(codes == std::set<int>{0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 130});
}
