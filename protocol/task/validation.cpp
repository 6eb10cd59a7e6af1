#include "protocol/task/validation.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "protocol/task/message_text.hpp"
#include "protocol/task/reduce_planner.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace artel {

namespace validation {

namespace {

void check_bytes(errors& found, std::string_view field, std::uint64_t given,
                 std::uint64_t minimum, std::uint64_t maximum) {
  if (given < minimum || given > maximum)
    found.push_back({std::string{field}, errc::out_of_range,
                     byte_count_text(given) + " given; expected "
                       + byte_count_text(minimum) + " to "
                       + byte_count_text(maximum)});
}

void check_duration(errors& found, std::string_view field, milliseconds given,
                    milliseconds minimum, milliseconds maximum) {
  if (given < minimum || given > maximum)
    found.push_back({std::string{field}, errc::out_of_range,
                     duration_text(given) + " given; expected "
                       + duration_text(minimum) + " to "
                       + duration_text(maximum)});
}

/// Shown in logs and on terminals, so without control characters.
void check_name(errors& found, std::string_view field, std::string_view name) {
  auto is_control = [](char c) {
    auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7f;
  };
  auto expected = "; expected 1 to " + std::to_string(limits::name_bytes_max)
                  + " bytes without control characters";
  if (name.empty())
    found.push_back(
      {std::string{field}, errc::invalid_argument, "no name given" + expected});
  else if (name.size() > limits::name_bytes_max)
    found.push_back({std::string{field}, errc::limit_exceeded,
                     quoted(name) + " has " + std::to_string(name.size())
                       + " bytes" + expected});
  else if (std::any_of(name.begin(), name.end(), is_control))
    found.push_back({std::string{field}, errc::invalid_argument,
                     quoted(name) + " has control characters" + expected});
}

/// A code reference names a kernel or a bundle: exactly one.
void check_code_ref(errors& found, const code_ref& code,
                    std::string_view program_field,
                    std::string_view kernel_field) {
  auto is_bundle = !code.bundle.is_zero();
  if (code.kernel.empty() && !is_bundle) {
    found.push_back({std::string{program_field}, errc::invalid_argument,
                     "no code given; expected a program"
                       + std::string{program_field == kernel_field
                                       ? ""
                                       : " or the name of a kernel"}});
    return;
  }
  if (!code.kernel.empty() && is_bundle)
    found.push_back({std::string{kernel_field}, errc::invalid_argument,
                     "kernel " + quoted(code.kernel)
                       + " and a program are given; expected one of them"});
  if (!code.kernel.empty())
    check_name(found, kernel_field, code.kernel);
  if (code.kernel_arguments.size() > limits::kernel_arguments_max)
    found.push_back({std::string{kernel_field}, errc::limit_exceeded,
                     std::to_string(code.kernel_arguments.size())
                       + " arguments; a kernel takes at most "
                       + std::to_string(limits::kernel_arguments_max)});
  if (is_bundle)
    check_bytes(found, program_field, code.bundle_bytes, 1,
                limits::bundle_bytes_max);
}

/// Terms that fit each other: fuel is counted by the interpreter alone.
void check_sandbox(const task_spec& spec, errors& found) {
  const auto& sandbox = spec.code.sandbox;
  auto is_wasm = sandbox.kind == sandbox_kind::wasm;
  auto wrong_kind = [&](std::string_view field, std::string_view what) {
    found.push_back({std::string{field}, errc::invalid_argument,
                     std::string{what} + " given, but the sandbox is "
                       + std::string{to_string(sandbox.kind)}
                       + "; expected the sandbox wasm"});
  };
  if (!is_wasm && sandbox.tier != wasm_tier::automatic)
    wrong_kind("sandbox.tier", to_string(sandbox.tier));
  if (!is_wasm && sandbox.nan != nan_policy::canonical)
    wrong_kind("sandbox.nan", to_string(sandbox.nan));
  if (spec.limits.fuel == 0)
    return;
  // The reduce program may be the module.
  if (!is_wasm && spec.reduce_code.sandbox.kind != sandbox_kind::wasm)
    wrong_kind("limits.fuel", std::to_string(spec.limits.fuel));
  else if (sandbox.tier == wasm_tier::compiled)
    found.push_back({"limits.fuel", errc::invalid_argument,
                     std::to_string(spec.limits.fuel)
                       + " given, but compiled code counts no instructions;"
                         " expected the tier interpreted or auto, or no fuel"});
}

} // namespace

void check_number(errors& found, std::string_view field, std::uint64_t given,
                  std::uint64_t minimum, std::uint64_t maximum) {
  if (given < minimum || given > maximum)
    found.push_back({std::string{field}, errc::out_of_range,
                     std::to_string(given) + " given; expected "
                       + std::to_string(minimum) + " to "
                       + std::to_string(maximum)});
}

void check_type(const task_spec& spec, errors& found) {
  check_name(found, "task.name", spec.name);
  auto task = "a " + std::string{to_string(spec.type)} + " task ";
  auto kind = spec.source.kind;
  auto maps = spec.type == task_type::map || spec.type == task_type::map_reduce;
  if (spec.type == task_type::range_reduce && kind != source_kind::range)
    found.push_back({"input.range", errc::invalid_argument,
                     task + "computes over numbers; expected a range"});
  if (maps && kind == source_kind::none)
    found.push_back({"input", errc::invalid_argument,
                     task
                       + "needs an input; expected one of files, lines"
                         " and range"});
}

void check_code(const task_spec& spec, errors& found) {
  check_code_ref(found, spec.code, "code.program", "code.kernel");
  check_sandbox(spec, found);
}

void check_reduce(const task_spec& spec, errors& found) {
  auto has_program = spec.reduce == reduce_operation::program;
  auto must_reduce =
    spec.type == task_type::range_reduce || spec.type == task_type::map_reduce;
  if (must_reduce && spec.reduce == reduce_operation::none)
    found.push_back({"reduce.op", errc::invalid_argument,
                     "none given, but a " + std::string{to_string(spec.type)}
                       + " task puts its results together; expected one of"
                         " sum, min, max, count, concatenate, merge_counts"
                         " and program"});
  if (has_program)
    check_code_ref(found, spec.reduce_code, "reduce.program", "reduce.program");
  else if (spec.reduce_code != code_ref{})
    found.push_back({"reduce.program", errc::invalid_argument,
                     "a program is given, but the operation is "
                       + std::string{to_string(spec.reduce)}
                       + "; expected the operation program, or no program"});
  check_number(found, "reduce.fan_in", spec.reduce_fan_in, 2, fan_in_max);
  auto chunks = chunk_count(spec.source);
  if (!has_program || spec.reduce_fan_in < 2 || chunks == 0
      || chunks > limits::jobs_per_task_max)
    return;
  auto jobs = chunks + reduce_planner{chunks, spec.reduce_fan_in}.job_count();
  if (jobs > limits::jobs_per_task_max)
    found.push_back({"reduce.fan_in", errc::limit_exceeded,
                     std::to_string(jobs)
                       + " jobs with those of the reduce program; expected at"
                         " most "
                       + std::to_string(limits::jobs_per_task_max)
                       + ": choose a larger fan_in or fewer chunks"});
}

void check_limits(const execution_limits& given, errors& found) {
  constexpr milliseconds least{1};
  check_duration(found, "limits.wall_time", given.wall_time, least,
                 duration_max);
  check_duration(found, "limits.cpu_time", given.cpu_time, least, duration_max);
  check_bytes(found, "limits.memory", given.memory_bytes, 1, memory_bytes_max);
  check_number(found, "limits.processes", given.processes, 1, processes_max);
  check_number(found, "limits.open_files", given.open_files, 1, open_files_max);
  check_bytes(found, "limits.file_size", given.file_bytes, 1, memory_bytes_max);
  check_bytes(found, "limits.work_directory", given.work_directory_bytes, 1,
              memory_bytes_max);
  check_bytes(found, "limits.stdout", given.stdout_bytes, 1,
              limits::output_bytes_max);
  // Zero is fine here alone: nothing of standard error is kept then.
  check_bytes(found, "limits.stderr_tail", given.stderr_tail_bytes, 0,
              limits::text_bytes_max);
  // Both travel in one message.
  check_bytes(
    found, "limits.output_files", given.output_files_bytes, 0,
    limits::output_bytes_max
      - std::min<std::uint64_t>(given.stdout_bytes, limits::output_bytes_max));
}

void check_verification(const verification_policy& policy, errors& found) {
  check_number(found, "verification.replicas", policy.replicas, 1,
               limits::replicas_max);
  auto least =
    std::clamp<std::uint32_t>(policy.replicas, 1, limits::replicas_max);
  if (policy.replicas_max < least && policy.replicas_max > 0)
    found.push_back({"verification.replicas_max", errc::out_of_range,
                     std::to_string(policy.replicas_max)
                       + " given, fewer than the " + std::to_string(least)
                       + " replicas to start with; expected "
                       + std::to_string(least) + " to "
                       + std::to_string(limits::replicas_max)});
  else
    check_number(found, "verification.replicas_max", policy.replicas_max, least,
                 limits::replicas_max);
  // With half or less, two different outputs could both be agreed on.
  auto agreement = policy.agreement.value;
  if (agreement <= ppm_one / 2 || agreement > ppm_one)
    found.push_back({"verification.agreement", errc::out_of_range,
                     std::to_string(agreement)
                       + " parts per million given; expected more than"
                         " 500000 (50 %) and at most 1000000 (100 %)"});
}

void check_requirements(const task_spec& spec, errors& found) {
  // In permille, as people give percent: one processor is 1000.
  check_number(found, "requirements.cpu", spec.cpu_permille, 1, permille_max);
  check_number(found, "requirements.gpu", spec.gpu_permille, 0, permille_max);
  check_bytes(found, "requirements.ram", spec.ram_bytes, 1, memory_bytes_max);
  check_bytes(found, "requirements.disk", spec.disk_bytes, 0, memory_bytes_max);
}

void check_config(const task_spec& spec, errors& found) {
  // A job never takes longer than its limit. The default of a second stays
  // allowed, so that whoever sets a short limit need not set an estimate too.
  auto longest = std::max(std::min(spec.limits.wall_time, duration_max),
                          task_spec{}.estimate);
  if (spec.estimate > longest && spec.estimate <= duration_max)
    found.push_back({"config.estimate", errc::invalid_argument,
                     duration_text(spec.estimate) + " given; expected at most "
                       + duration_text(longest)
                       + ", as no job runs longer than limits.wall_time"});
  else
    check_duration(found, "config.estimate", spec.estimate, milliseconds{1},
                   longest);
  if (spec.budget && spec.budget->micro <= 0)
    found.push_back(
      {"config.budget", errc::out_of_range,
       to_string(*spec.budget) + " credits given; expected more than 0"});
  check_duration(found, "config.deadline", spec.deadline, milliseconds{0},
                 duration_max);
  check_number(found, "config.max_attempts", spec.attempts_max, 1,
               limits::attempts_max);
  check_number(found, "config.max_failed_jobs", spec.failed_jobs_max, 0,
               limits::jobs_per_task_max);
  check_number(found, "config.window", spec.window, 0,
               limits::jobs_per_task_max);
}

} // namespace validation

std::vector<field_error> validate(const task_spec& spec) {
  validation::errors found;
  validation::check_type(spec, found);
  validation::check_source(spec.source, found);
  validation::check_code(spec, found);
  validation::check_reduce(spec, found);
  validation::check_limits(spec.limits, found);
  validation::check_verification(spec.verification, found);
  validation::check_requirements(spec, found);
  validation::check_config(spec, found);
  return found;
}

} // namespace artel
