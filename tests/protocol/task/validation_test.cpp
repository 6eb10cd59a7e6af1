#include "protocol/task/validation.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/core/random.hpp"
#include "protocol/task/chunk_plan.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace artel;

namespace {

constexpr std::uint64_t too_many_jobs = limits::jobs_per_task_max + 1;

code_ref some_bundle() {
  code_ref code;
  code.bundle.value.fill(7);
  code.bundle_bytes = 1000;
  return code;
}

code_ref some_module() {
  auto code = some_bundle();
  code.sandbox.kind = sandbox_kind::wasm;
  return code;
}

code_ref some_kernel() {
  code_ref code;
  code.kernel = "count_primes";
  return code;
}

task_spec range_task() {
  task_spec spec;
  spec.name = "primes";
  spec.type = task_type::range_reduce;
  spec.source.kind = source_kind::range;
  spec.source.first = 1;
  spec.source.last = 1'000'000;
  spec.source.chunks = 100;
  spec.code = some_kernel();
  spec.reduce = reduce_operation::sum;
  return spec;
}

task_spec files_task() {
  task_spec spec;
  spec.name = "thumbnails";
  spec.type = task_type::map;
  spec.source.kind = source_kind::files;
  spec.source.files = {{"in/a.png", 12}, {"in/b.png", 0}};
  spec.code = some_bundle();
  return spec;
}

task_spec lines_task() {
  task_spec spec;
  spec.name = "words";
  spec.type = task_type::map_reduce;
  spec.source.kind = source_kind::lines;
  spec.source.files = {{"in/text", 100}};
  spec.source.line_offsets = {0, 40, 80};
  spec.source.chunks = 3;
  spec.code = some_bundle();
  spec.reduce = reduce_operation::program;
  spec.reduce_code = some_bundle();
  return spec;
}

task_spec run_task() {
  task_spec spec;
  spec.name = "hello";
  spec.code = some_bundle();
  return spec;
}

/// A change that makes a task wrong in one field.
struct fault {
  std::string field;
  errc code;
  std::function<void(task_spec&)> apply;
};

/// Faults of any task, each in a field of its own: they can be combined.
const std::vector<fault>& common_faults() {
  static const std::vector<fault> all{
    {"task.name", errc::invalid_argument, [](auto& s) { s.name = ""; }},
    {"reduce.fan_in", errc::out_of_range, [](auto& s) { s.reduce_fan_in = 1; }},
    {"limits.wall_time", errc::out_of_range,
     [](auto& s) { s.limits.wall_time = milliseconds{0}; }},
    {"limits.cpu_time", errc::out_of_range,
     [](auto& s) { s.limits.cpu_time = milliseconds{-1}; }},
    {"limits.memory", errc::out_of_range,
     [](auto& s) { s.limits.memory_bytes = 0; }},
    {"limits.processes", errc::out_of_range,
     [](auto& s) { s.limits.processes = 0; }},
    {"limits.open_files", errc::out_of_range,
     [](auto& s) { s.limits.open_files = 0; }},
    {"limits.file_size", errc::out_of_range,
     [](auto& s) { s.limits.file_bytes = 0; }},
    {"limits.work_directory", errc::out_of_range,
     [](auto& s) { s.limits.work_directory_bytes = 0; }},
    {"limits.stdout", errc::out_of_range,
     [](auto& s) { s.limits.stdout_bytes = limits::output_bytes_max + 1; }},
    {"limits.stderr_tail", errc::out_of_range,
     [](auto& s) { s.limits.stderr_tail_bytes = limits::text_bytes_max + 1; }},
    {"limits.output_files", errc::out_of_range,
     [](auto& s) { s.limits.output_files_bytes = UINT64_MAX; }},
    {"verification.replicas", errc::out_of_range,
     [](auto& s) { s.verification.replicas = 0; }},
    {"verification.replicas_max", errc::out_of_range,
     [](auto& s) { s.verification.replicas_max = limits::replicas_max + 1; }},
    {"verification.agreement", errc::out_of_range,
     [](auto& s) { s.verification.agreement = ppm{500'000}; }},
    {"requirements.cpu", errc::out_of_range,
     [](auto& s) { s.cpu_permille = 0; }},
    {"requirements.gpu", errc::out_of_range,
     [](auto& s) { s.gpu_permille = UINT32_MAX; }},
    {"requirements.ram", errc::out_of_range, [](auto& s) { s.ram_bytes = 0; }},
    {"requirements.disk", errc::out_of_range,
     [](auto& s) { s.disk_bytes = UINT64_MAX; }},
    {"config.estimate", errc::out_of_range,
     [](auto& s) { s.estimate = milliseconds{0}; }},
    {"config.budget", errc::out_of_range,
     [](auto& s) { s.budget = microcredits(0); }},
    {"config.deadline", errc::out_of_range,
     [](auto& s) { s.deadline = milliseconds{-1}; }},
    {"config.max_attempts", errc::out_of_range,
     [](auto& s) { s.attempts_max = 0; }},
    {"config.max_failed_jobs", errc::out_of_range,
     [](auto& s) { s.failed_jobs_max = too_many_jobs; }},
    {"config.window", errc::out_of_range,
     [](auto& s) { s.window = UINT32_MAX; }},
  };
  return all;
}

/// The one error of a task, or what there is instead.
field_error only_error(const task_spec& spec) {
  auto found = validate(spec);
  std::string told;
  for (const auto& one : found)
    told += one.field + ": " + one.message + "\n";
  CAPTURE(told);
  REQUIRE(found.size() == 1);
  return found.front();
}

void check_fault(task_spec spec, const fault& wrong) {
  CAPTURE(wrong.field);
  wrong.apply(spec);
  auto found = only_error(spec);
  CHECK(found.field == wrong.field);
  CHECK(found.code == wrong.code);
  CHECK(found.message.find("expected") != std::string::npos);
}

} // namespace

TEST_CASE("Sound tasks of every type have no errors") {
  CHECK(validate(range_task()).empty());
  CHECK(validate(files_task()).empty());
  CHECK(validate(lines_task()).empty());
  CHECK(validate(run_task()).empty());
  auto mapped_range = range_task();
  mapped_range.type = task_type::map;
  mapped_range.reduce = reduce_operation::none;
  CHECK(validate(mapped_range).empty());
  auto repeated = run_task();
  repeated.source.chunks = limits::jobs_per_task_max;
  CHECK(validate(repeated).empty());
}

TEST_CASE("Each field of a task has bounds of its own") {
  for (const auto& wrong : common_faults()) {
    check_fault(range_task(), wrong);
    check_fault(files_task(), wrong);
    check_fault(run_task(), wrong);
  }
}

TEST_CASE("All that is wrong is told at once, in the order of the task file") {
  const auto& faults = common_faults();
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    auto spec = range_task();
    std::vector<std::pair<std::string, errc>> expected;
    for (const auto& wrong : faults) {
      if (!random.chance(400'000))
        continue;
      wrong.apply(spec);
      expected.emplace_back(wrong.field, wrong.code);
    }
    std::vector<std::pair<std::string, errc>> told;
    for (const auto& one : validate(spec))
      told.emplace_back(one.field, one.code);
    REQUIRE(told == expected);
  }
}

TEST_CASE("The bounds themselves are allowed") {
  auto spec = range_task();
  spec.name.assign(limits::name_bytes_max, 'n');
  spec.source.first = 0;
  spec.source.last = limits::range_value_max;
  spec.source.chunks = limits::jobs_per_task_max;
  spec.limits.wall_time = validation::duration_max;
  spec.limits.cpu_time = validation::duration_max;
  spec.limits.memory_bytes = validation::memory_bytes_max;
  spec.limits.stdout_bytes = limits::output_bytes_max;
  spec.limits.stderr_tail_bytes = 0;
  spec.verification.replicas = limits::replicas_max;
  spec.verification.replicas_max = limits::replicas_max;
  spec.verification.agreement = ppm{1'000'000};
  spec.estimate = validation::duration_max;
  spec.deadline = validation::duration_max;
  spec.budget = microcredits(1);
  spec.attempts_max = limits::attempts_max;
  spec.failed_jobs_max = limits::jobs_per_task_max;
  CHECK(validate(spec).empty());
  spec.verification = {1, 1, ppm{500'001}};
  spec.attempts_max = 1;
  spec.failed_jobs_max = 0;
  spec.source.chunks = 1;
  CHECK(validate(spec).empty());
}

TEST_CASE("A message says what was given and what is expected") {
  auto spec = range_task();
  spec.source.chunks = 0;
  CHECK(only_error(spec)
        == field_error{"input.chunks", errc::out_of_range,
                       "0 given; expected 1 to 10000000"});
  spec = range_task();
  spec.limits.stdout_bytes = 65u << 20;
  CHECK(only_error(spec)
        == field_error{"limits.stdout", errc::out_of_range,
                       "65 MiB given; expected 1 byte to 64 MiB"});
  spec = range_task();
  spec.verification.replicas_max = 2;
  CHECK(only_error(spec)
        == field_error{"verification.replicas_max", errc::out_of_range,
                       "2 given, fewer than the 3 replicas to start with;"
                       " expected 3 to 64"});
  spec = range_task();
  spec.budget = microcredits(-2'500'000);
  CHECK(only_error(spec).message == "-2.5 credits given; expected more than 0");
}

TEST_CASE("A range goes upwards and ends at 2^63 - 1") {
  auto spec = range_task();
  std::swap(spec.source.first, spec.source.last);
  CHECK(only_error(spec)
        == field_error{"input.range", errc::invalid_argument,
                       "1000000..1 given; expected the smaller number first"});
  spec = range_task();
  spec.source.last = limits::range_value_max + 1;
  CHECK(only_error(spec)
        == field_error{"input.range", errc::out_of_range,
                       "1..9223372036854775808 given; expected numbers up to"
                       " 9223372036854775807 (2^63 - 1)"});
  spec.source.first = UINT64_MAX;
  CHECK(validate(spec).size() == 2);
}

TEST_CASE("The number of chunks is bounded where it counts") {
  for (auto spec : {range_task(), run_task(), lines_task()}) {
    spec.source.chunks = too_many_jobs;
    CHECK(only_error(spec).field == "input.chunks");
  }
  auto files = files_task();
  files.source.chunks = 0;
  CHECK(validate(files).empty());
}

TEST_CASE("A task's type, input and reduce operation fit each other") {
  auto range_reduce = range_task();
  check_fault(range_reduce, {"input.range", errc::invalid_argument,
                             [](auto& s) { s.source = files_task().source; }});
  check_fault(range_reduce, {"reduce.op", errc::invalid_argument, [](auto& s) {
                               s.reduce = reduce_operation::none;
                             }});
  check_fault(files_task(), {"input", errc::invalid_argument,
                             [](auto& s) { s.source = {}; }});
  check_fault(lines_task(), {"input", errc::invalid_argument,
                             [](auto& s) { s.source = {}; }});
  check_fault(lines_task(), {"reduce.op", errc::invalid_argument, [](auto& s) {
                               s.reduce = reduce_operation::none;
                               s.reduce_code = {};
                             }});
}

TEST_CASE("An input is of one kind") {
  check_fault(range_task(),
              {"input.files", errc::invalid_argument, [](auto& s) {
                 s.source.files = {{"a", 1}};
               }});
  check_fault(range_task(), {"input.lines", errc::invalid_argument,
                             [](auto& s) { s.source.line_offsets = {0}; }});
  check_fault(run_task(), {"input.range", errc::invalid_argument,
                           [](auto& s) { s.source.last = 9; }});
}

TEST_CASE("A task's code is a kernel or a program, and not both") {
  check_fault(run_task(), {"code.program", errc::invalid_argument,
                           [](auto& s) { s.code = {}; }});
  check_fault(run_task(), {"code.kernel", errc::invalid_argument,
                           [](auto& s) { s.code.kernel = "count_primes"; }});
  check_fault(range_task(), {"code.kernel", errc::invalid_argument,
                             [](auto& s) { s.code.kernel = "a\nb"; }});
  check_fault(run_task(), {"code.program", errc::out_of_range, [](auto& s) {
                             s.code.bundle_bytes = limits::bundle_bytes_max + 1;
                           }});
  check_fault(run_task(), {"code.program", errc::out_of_range,
                           [](auto& s) { s.code.bundle_bytes = 0; }});
}

TEST_CASE("A kernel takes no more arguments than a kernel can have") {
  auto spec = range_task();
  spec.code.kernel_arguments.assign(limits::kernel_arguments_max, "x");
  CHECK(validate(spec).empty());
  spec.code.kernel_arguments.emplace_back();
  CHECK(only_error(spec)
        == field_error{"code.kernel", errc::limit_exceeded,
                       "33 arguments; a kernel takes at most 32"});
}

TEST_CASE("Tiers, NaNs and fuel are for WebAssembly") {
  auto spec = run_task();
  spec.code = some_module();
  spec.code.sandbox.tier = wasm_tier::interpreted;
  spec.code.sandbox.nan = nan_policy::as_is;
  spec.limits.fuel = UINT64_MAX;
  CHECK(validate(spec).empty());
  const fault faults[] = {
    {"sandbox.tier", errc::invalid_argument,
     [](auto& s) { s.code.sandbox.tier = wasm_tier::compiled; }},
    {"sandbox.nan", errc::invalid_argument,
     [](auto& s) { s.code.sandbox.nan = nan_policy::as_is; }},
    {"limits.fuel", errc::invalid_argument, [](auto& s) { s.limits.fuel = 1; }},
  };
  for (const auto& wrong : faults) {
    check_fault(run_task(), wrong);
    check_fault(range_task(), wrong);
    auto container = run_task();
    container.code.sandbox.kind = sandbox_kind::container;
    check_fault(container, wrong);
  }
  spec = run_task();
  spec.code.sandbox.tier = wasm_tier::compiled;
  CHECK(only_error(spec).message
        == "compiled given, but the sandbox is process; expected the sandbox"
           " wasm");
}

TEST_CASE("Fuel is counted by the interpreter alone") {
  auto spec = run_task();
  spec.code = some_module();
  spec.limits.fuel = 1'000;
  CHECK(validate(spec).empty());
  spec.code.sandbox.tier = wasm_tier::compiled;
  CHECK(only_error(spec)
        == field_error{"limits.fuel", errc::invalid_argument,
                       "1000 given, but compiled code counts no instructions;"
                       " expected the tier interpreted or auto, or no fuel"});
  spec.limits.fuel = 0;
  CHECK(validate(spec).empty());
}

TEST_CASE("Output and output files share what a message can hold") {
  auto spec = run_task();
  spec.limits.stdout_bytes = 1u << 20;
  spec.limits.output_files_bytes = limits::output_bytes_max - (1u << 20);
  CHECK(validate(spec).empty());
  ++spec.limits.output_files_bytes;
  auto found = only_error(spec);
  CHECK(found.field == "limits.output_files");
  CHECK(found.code == errc::out_of_range);
  spec.limits.stdout_bytes = limits::output_bytes_max;
  CHECK(only_error(spec).field == "limits.output_files");
  spec.limits.output_files_bytes = 0;
  CHECK(validate(spec).empty());
}

TEST_CASE("A reduce program is given where the operation runs one") {
  check_fault(lines_task(), {"reduce.program", errc::invalid_argument,
                             [](auto& s) { s.reduce_code = {}; }});
  check_fault(range_task(), {"reduce.program", errc::invalid_argument,
                             [](auto& s) { s.reduce_code = some_bundle(); }});
}

TEST_CASE("The jobs of a reduce program count towards a task's jobs") {
  auto spec = range_task();
  spec.source.last = limits::range_value_max;
  spec.source.chunks = limits::jobs_per_task_max / 2;
  spec.reduce = reduce_operation::program;
  spec.reduce_code = some_bundle();
  spec.reduce_fan_in = 16;
  CHECK(validate(spec).empty());
  spec.reduce_fan_in = 2;
  auto found = only_error(spec);
  CHECK(found.field == "reduce.fan_in");
  CHECK(found.code == errc::limit_exceeded);
}

TEST_CASE("Files that cannot be inputs are named") {
  auto spec = files_task();
  spec.source.files.push_back({"in/huge.png", limits::input_bytes_max + 1024});
  CHECK(only_error(spec)
        == field_error{"input.files", errc::limit_exceeded,
                       "file 'in/huge.png' has 65537 KiB; expected at most"
                       " 64 MiB, as one job gets all of it"});
  for (std::string path : {"", "/", "in/..", "."}) {
    CAPTURE(path);
    check_fault(files_task(),
                {"input.files", errc::invalid_argument, [&](auto& s) {
                   s.source.files.push_back({path, 1});
                 }});
  }
  check_fault(files_task(),
              {"input.files", errc::limit_exceeded, [](auto& s) {
                 s.source.files.push_back({"in/" + std::string(256, 'x'), 1});
               }});
  check_fault(files_task(), {"input.files", errc::invalid_argument,
                             [](auto& s) { s.source.files.clear(); }});
}

TEST_CASE("Of many files that cannot be inputs the first are named") {
  auto spec = files_task();
  spec.source.files.assign(1000, {"in/huge", limits::input_bytes_max + 1});
  auto found = validate(spec);
  REQUIRE(found.size() == validation::named_files_max + 1);
  CHECK(found.back().message
        == "990 more files cannot be inputs, for reasons like those of the"
           " first 10");
}

TEST_CASE("Lines come from one file that is not empty") {
  check_fault(lines_task(), {"input.lines", errc::invalid_argument,
                             [](auto& s) { s.source.files.clear(); }});
  check_fault(lines_task(),
              {"input.lines", errc::invalid_argument, [](auto& s) {
                 s.source.files.push_back({"in/b", 1});
               }});
  check_fault(lines_task(),
              {"input.lines", errc::invalid_argument, [](auto& s) {
                 s.source.files[0].bytes = 0;
                 s.source.line_offsets.clear();
               }});
}

TEST_CASE("Pieces of lines ascend within their file, none over a job's input") {
  using offsets = std::vector<std::uint64_t>;
  for (auto given :
       {offsets{}, offsets{1, 2}, offsets{0, 0}, offsets{0, 50, 40},
        offsets{0, 100}, offsets{0, 1, 2, 3}}) {
    check_fault(lines_task(),
                {"input.lines", errc::invalid_argument,
                 [&](auto& s) { s.source.line_offsets = given; }});
  }
  // The file may be larger than a job's input, its pieces may not.
  auto large = lines_task();
  large.source.files[0].bytes = 2 * limits::input_bytes_max;
  large.source.line_offsets = {0, limits::input_bytes_max};
  CHECK(validate(large).empty());
  --large.source.line_offsets[1];
  CHECK(only_error(large).code == errc::limit_exceeded);
}

TEST_CASE("Whatever text is cut into lines makes a sound source") {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    std::string text(1 + random.below(200), 'x');
    for (auto& c : text)
      c = random.chance(200'000) ? '\n' : 'x';
    auto spec = lines_task();
    spec.source.files[0].bytes = text.size();
    spec.source.chunks = 1 + random.below(50);
    spec.source.line_offsets = split_lines(text, spec.source.chunks);
    REQUIRE(validate(spec).empty());
  }
}

TEST_CASE("Chunks to run again are named in order, each once") {
  auto spec = range_task();
  spec.source.only = {0, 5, 99};
  CHECK(validate(spec).empty());
  check_fault(range_task(), {"input.only", errc::out_of_range,
                             [](auto& s) { s.source.only = {100}; }});
  check_fault(range_task(), {"input.only", errc::invalid_argument, [](auto& s) {
                               s.source.only = {5, 5};
                             }});
  check_fault(range_task(), {"input.only", errc::invalid_argument, [](auto& s) {
                               s.source.only = {5, 4};
                             }});
}

TEST_CASE("An estimate is no longer than a job may run, or the default") {
  auto spec = range_task();
  spec.limits.wall_time = milliseconds{200};
  CHECK(validate(spec).empty());
  spec.estimate = milliseconds{1'001};
  CHECK(only_error(spec)
        == field_error{"config.estimate", errc::invalid_argument,
                       "1001 ms given; expected at most 1 s, as no job runs"
                       " longer than limits.wall_time"});
  spec.limits.wall_time = milliseconds{1'001};
  CHECK(validate(spec).empty());
  spec.limits.wall_time = milliseconds::max();
  spec.estimate = milliseconds::max();
  CHECK(validate(spec).size() == 2);
}

TEST_CASE("Agreement is more than half and at most all") {
  for (auto share : {-1, 0, 500'000, 1'000'001}) {
    check_fault(range_task(),
                {"verification.agreement", errc::out_of_range,
                 [&](auto& s) { s.verification.agreement = ppm{share}; }});
  }
}
