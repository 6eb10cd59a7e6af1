#include "sandbox/sandbox_policy.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace artel::sandbox {

namespace {

struct asked_limit {
  std::string_view name;
  std::uint64_t asked;
  std::uint64_t most;
  std::string_view unit;
};

std::uint64_t count_of(milliseconds time) {
  return time.count() > 0 ? static_cast<std::uint64_t>(time.count()) : 0;
}

result<void> admit_limits(const execution_limits& most,
                          const execution_limits& asked) {
  const asked_limit all[] = {
    {"wall time", count_of(asked.wall_time), count_of(most.wall_time), "ms"},
    {"processor time", count_of(asked.cpu_time), count_of(most.cpu_time), "ms"},
    {"memory", asked.memory_bytes, most.memory_bytes, "bytes"},
    {"processes", asked.processes, most.processes, ""},
    {"open files", asked.open_files, most.open_files, ""},
    {"file size", asked.file_bytes, most.file_bytes, "bytes"},
    {"work directory", asked.work_directory_bytes, most.work_directory_bytes,
     "bytes"},
    {"standard output", asked.stdout_bytes, most.stdout_bytes, "bytes"},
    {"standard error", asked.stderr_tail_bytes, most.stderr_tail_bytes,
     "bytes"},
    {"output files", asked.output_files_bytes, most.output_files_bytes,
     "bytes"},
  };
  for (const auto& one : all) {
    if (one.asked <= one.most)
      continue;
    auto unit = one.unit.empty() ? std::string{} : " " + std::string{one.unit};
    return {errc::refused, "the task asks for " + std::to_string(one.asked)
                             + unit + " of " + std::string{one.name}
                             + "; this worker allows "
                             + std::to_string(one.most) + unit};
  }
  return {};
}

} // namespace

result<void> admit(const sandbox_policy& policy, const sandbox_terms& terms,
                   const execution_limits& limits) {
  if (!policy.kinds.contains(terms.kind)) {
    std::string allowed;
    for (auto kind : policy.kinds)
      allowed += (allowed.empty() ? "" : ", ") + std::string{to_string(kind)};
    return {errc::refused,
            "this worker runs no code in the sandbox "
              + std::string{to_string(terms.kind)} + "; it allows "
              + (allowed.empty() ? "built-in kernels alone" : allowed)};
  }
  return policy.most ? admit_limits(*policy.most, limits) : result<void>{};
}

} // namespace artel::sandbox
