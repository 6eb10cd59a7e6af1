#include "sandbox/process/run_verdict.hpp"

#include "sandbox/descriptor.hpp"

#include <cerrno>
#include <string_view>
#include <utility>

#include <signal.h>
#include <string.h>
#include <sys/wait.h>

namespace artel::sandbox {

namespace {

struct verdict {
  run_outcome outcome = run_outcome::completed;
  int exit_code = 0;
  std::string detail;
};

verdict limit_verdict(run_outcome outcome, const execution_limits& limits) {
  auto ms = [](milliseconds time) { return std::to_string(time.count()); };
  switch (outcome) {
    case run_outcome::timeout:
      return {outcome, 0,
              "ran longer than the " + ms(limits.wall_time)
                + " ms of wall time allowed"};
    case run_outcome::cpu_limit:
      return {outcome, 0,
              "used more than the " + ms(limits.cpu_time)
                + " ms of processor time allowed"};
    case run_outcome::memory_limit:
      return {outcome, 0,
              "used more than the " + std::to_string(limits.memory_bytes)
                + " bytes of memory allowed"};
    case run_outcome::file_size_limit:
      return {outcome, 0,
              "wrote a file of more than the "
                + std::to_string(limits.file_bytes) + " bytes allowed"};
    case run_outcome::output_limit:
      return {outcome, 0,
              "wrote more than " + std::to_string(limits.stdout_bytes)
                + " bytes to standard output"};
    default: return {run_outcome::cancelled, 0, "cancelled while it ran"};
  }
}

std::string signal_text(int number) {
  const auto* name = ::sigabbrev_np(number);
  return "signal " + std::to_string(number)
         + (name ? " (SIG" + std::string{name} + ")" : std::string{});
}

verdict signal_verdict(int number, const observation& seen,
                       const execution_limits& limits) {
  // The clock behind SIGXCPU counts ticks and runs a little ahead of the exact
  // one; whoever sends itself the signal is far below.
  if (number == SIGXCPU && seen.cpu_time >= limits.cpu_time * 9 / 10)
    return limit_verdict(run_outcome::cpu_limit, limits);
  if (number == SIGXFSZ)
    return limit_verdict(run_outcome::file_size_limit, limits);
  if (number == SIGSYS)
    return {run_outcome::forbidden_syscall, 0,
            "made a system call that no sandboxed program may make"};
  return {run_outcome::crashed, number, "ended by " + signal_text(number)};
}

verdict exec_verdict(int error, const std::string& program) {
  auto name = "program '" + program + "'";
  auto is_system_path = program.starts_with('/');
  switch (error) {
    case ENOENT:
      return {run_outcome::exec_failed, 0,
              is_system_path
                ? name
                    + " not found on this machine, or the interpreter that it"
                      " names is not"
                : name
                    + ": the interpreter that it names (its #! line, or its"
                      " dynamic loader) was not found on this machine"};
    case ENOTDIR:
      return {run_outcome::exec_failed, 0, name + " not found on this machine"};
    case EACCES:
      return {run_outcome::exec_failed, 0,
              name + " is not executable; chmod +x it before it is packed"};
    case ENOEXEC:
      return {run_outcome::exec_failed, 0,
              name
                + " is in no format that this machine executes: neither a"
                  " binary for it nor a script with a #! line"};
    case ENOMEM:
      return {run_outcome::exec_failed, 0,
              name + " is too large to be loaded within the memory allowed"};
    default:
      return {run_outcome::exec_failed, 0,
              name + " could not be started: " + error_text(error)};
  }
}

verdict unavailable_verdict(const observation& seen) {
  constexpr std::string_view mark = "bwrap: ";
  std::string words = "the sandbox ended before it started the program";
  auto found = seen.stderr_tail.rfind(mark);
  if (found != seen.stderr_tail.npos) {
    auto start = found + mark.size();
    words = "bubblewrap: "
            + seen.stderr_tail.substr(start, seen.stderr_tail.find('\n', start)
                                               - start);
  }
  return {run_outcome::sandbox_unavailable, 0, words + setup_advice(words)};
}

verdict module_verdict(const artel_module_report& report,
                       const execution_limits& limits) {
  std::string text = report.text;
  switch (report.end) {
    case artel_module_invalid: return {run_outcome::invalid_module, 0, text};
    case artel_module_unsupported_import:
      return {run_outcome::unsupported_import, 0, text};
    case artel_module_fuel_exhausted:
      return {run_outcome::fuel_exhausted, 0,
              "ran more than the " + std::to_string(limits.fuel)
                + " instructions allowed"};
    case artel_module_memory_limit: return {run_outcome::memory_limit, 0, text};
    default: return {run_outcome::trap, 0, "trapped: " + text};
  }
}

verdict files_verdict(const run_records& records,
                      const execution_limits& limits) {
  if (!records.files_problem.empty())
    return {run_outcome::output_limit, 0,
            "left output files that can't be collected: "
              + records.files_problem + ": " + error_text(records.files_error)};
  auto sound = check_output_files(records.files, limits.output_files_bytes);
  if (!sound)
    return {run_outcome::output_limit, 0, sound.error().message};
  return {};
}

verdict ended_verdict(int wait_status, const observation& seen,
                      const execution_limits& limits) {
  // A limit that was passed between two looks was passed all the same.
  if (seen.memory_exceeded)
    return limit_verdict(run_outcome::memory_limit, limits);
  if (seen.cpu_time > limits.cpu_time)
    return limit_verdict(run_outcome::cpu_limit, limits);
  if (WIFSIGNALED(wait_status))
    return signal_verdict(WTERMSIG(wait_status), seen, limits);
  const auto& module = seen.records.module;
  if (module && module->end != artel_module_exited)
    return module_verdict(*module, limits);
  if (auto code = WEXITSTATUS(wait_status); code != 0)
    return {run_outcome::nonzero_exit, code,
            "ended with exit code " + std::to_string(code)};
  return files_verdict(seen.records, limits);
}

verdict verdict_of(const observation& seen, const execution_limits& limits,
                   const std::string& program) {
  if (seen.stopped_for)
    return limit_verdict(*seen.stopped_for, limits);
  const auto& end = seen.records.end;
  switch (seen.records.end_kind) {
    // Whoever killed the sandbox's first process for memory, it was the group.
    case 0:
      return seen.memory_exceeded
               ? limit_verdict(run_outcome::memory_limit, limits)
               : unavailable_verdict(seen);
    case artel_record_ended: return ended_verdict(end.value, seen, limits);
    case artel_record_exec_failed: return exec_verdict(end.value, program);
    default:
      return {run_outcome::sandbox_unavailable, 0,
              std::string{"artel-shim: "} + end.step + ": "
                + error_text(end.value)};
  }
}

bool is_set(const char* path, char value) {
  return read_small_file(path).starts_with(value);
}

} // namespace

run_result failed_run(run_outcome outcome, std::string detail) {
  run_result result;
  result.outcome = outcome;
  result.detail = std::move(detail);
  return result;
}

run_result decide(observation seen, const execution_limits& limits,
                  const std::string& program) {
  auto ended = verdict_of(seen, limits, program);
  run_result result;
  result.outcome = ended.outcome;
  result.exit_code = ended.exit_code;
  result.detail = std::move(ended.detail);
  result.output = std::move(seen.output);
  result.stderr_tail = std::move(seen.stderr_tail);
  result.wall_time_used = seen.wall_time;
  result.cpu_time_used =
    std::chrono::duration_cast<milliseconds>(seen.cpu_time);
  result.memory_peak_bytes = seen.memory_peak_bytes;
  if (seen.records.module)
    result.fuel_used = seen.records.module->fuel_used;
  if (result.outcome == run_outcome::completed)
    result.files = std::move(seen.records.files);
  return result;
}

std::string setup_advice(const std::string& bubblewrap_message) {
  if (bubblewrap_message.find("namespace") == std::string::npos
      && bubblewrap_message.find("uid map") == std::string::npos
      && bubblewrap_message.find("Operation not permitted")
           == std::string::npos)
    return {};
  if (is_set("/proc/sys/user/max_user_namespaces", '0'))
    return "; this machine allows no user namespaces: sysctl -w "
           "user.max_user_namespaces=15000";
  if (is_set("/proc/sys/kernel/unprivileged_userns_clone", '0'))
    return "; user namespaces are for root alone here: sysctl -w "
           "kernel.unprivileged_userns_clone=1";
  if (is_set("/proc/sys/kernel/apparmor_restrict_unprivileged_userns", '1'))
    return "; AppArmor restricts user namespaces here: sysctl -w "
           "kernel.apparmor_restrict_unprivileged_userns=0";
  return "; in a container, its engine must allow it to create user namespaces"
         " (for docker: --security-opt seccomp=unconfined --security-opt"
         " systempaths=unconfined)";
}

} // namespace artel::sandbox
