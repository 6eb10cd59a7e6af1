#include "tools/artel/exit_codes.hpp"

namespace artel::tools {

namespace {

/// The endings that have a number of their own wherever they come up.
exit_code special_code(errc problem, exit_code otherwise) noexcept {
  switch (problem) {
    case errc::verification_failed: return exit_code::verification_failed;
    case errc::timed_out: return exit_code::timed_out;
    case errc::no_workers: return exit_code::no_workers;
    case errc::insufficient_credits:
    case errc::budget_exceeded: return exit_code::insufficient_credits;
    case errc::sandbox_unavailable: return exit_code::sandbox_unavailable;
    case errc::cancelled: return exit_code::interrupted;
    default: return otherwise;
  }
}

} // namespace

const std::vector<exit_code_info>& exit_codes() {
  static const std::vector<exit_code_info> codes{
    {exit_code::done, "done"},
    {exit_code::failure, "something else failed, such as writing a file"},
    {exit_code::invalid_input, "a task file, flag or other input is invalid"},
    {exit_code::job_failed, "a job failed for good"},
    {exit_code::verification_failed,
     "replicas did not agree, or receipts do not check out"},
    {exit_code::timed_out, "a limit of time was passed"},
    {exit_code::no_workers, "there are not enough workers"},
    {exit_code::insufficient_credits,
     "the credits or the budget do not cover the task"},
    {exit_code::sandbox_unavailable,
     "this machine cannot isolate programs as asked"},
    {exit_code::check_failed, "a check of a simulated world failed"},
    {exit_code::interrupted, "interrupted, by Ctrl-C for one"},
  };
  return codes;
}

exit_code exit_code_of(errc problem) noexcept {
  switch (problem) {
    case errc::invalid_argument:
    case errc::out_of_range:
    case errc::overflow:
    case errc::not_found:
    case errc::already_exists:
    case errc::limit_exceeded:
    case errc::malformed: return exit_code::invalid_input;
    default: return special_code(problem, exit_code::failure);
  }
}

exit_code exit_code_of(const task_report& report) noexcept {
  switch (report.state) {
    case task_state::completed: return exit_code::done;
    case task_state::cancelled: return exit_code::interrupted;
    case task_state::expired: return exit_code::timed_out;
    default: break;
  }
  auto code = report.problem.code;
  if (code == errc::unreachable)
    return exit_code::failure;
  // Once credits were held, jobs ran, and it is they that failed.
  return report.held.micro > 0 ? special_code(code, exit_code::job_failed)
                               : exit_code_of(code);
}

} // namespace artel::tools
