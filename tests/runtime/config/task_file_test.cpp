#include "runtime/config/task_file.hpp"

#include "protocol/core/random.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <algorithm>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

struct reading_result {
  std::optional<task_description> task;
  std::vector<config_problem> problems;
};

reading_result read(std::string_view text) {
  reading_result outcome;
  outcome.task = parse_task_text(text, "trial.toml", "/here", outcome.problems);
  return outcome;
}

/// The only problem, as people see it.
std::string problem_of(std::string_view text) {
  auto outcome = read(text);
  if (outcome.problems.size() != 1)
    return std::to_string(outcome.problems.size()) + " problems";
  return to_string(outcome.problems.front());
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

constexpr std::string_view complete = R"([task]
name = "primes"
type = "range_reduce"
[input]
range = "1..1_000_000"
chunks = 20
[code]
program = "bin/primes"
args = ["{first}", "{last}"]
files = ["table.dat"]
stdin = "go"
[sandbox]
type = "wasm"
tier = "interpreted"
nan = "as-is"
rootfs = "root.tar"
[reduce]
op = "merge-counts"
fan_in = 8
sandbox = "container"
[verification]
replicas = 5
replicas_max = 9
agreement = 0.75
[limits]
wall_time = "1m"
cpu_time = "30s"
memory = "64MiB"
processes = 8
open_files = 32
file_size = "1MB"
work_directory = 4096
stdout = "2KiB"
stderr_tail = "1KiB"
output_files = "1MiB"
fuel = 1_000_000_000
[requirements]
cpu = 0.5
gpu = 2
ram = "1GiB"
disk = "2GiB"
[config]
urgency = "high"
strategy = "most-trusted"
estimate = "250ms"
budget = 12.5
deadline = "10m"
max_attempts = 7
max_failed_jobs = 3
window = 64
)";

} // namespace

TEST_CASE("every key of a task file is read") {
  auto [task, problems] = read(complete);
  REQUIRE(task);
  CHECK(problems.empty());
  CHECK(task->name == "primes");
  CHECK(task->type == task_type::range_reduce);
  CHECK(task->range == "1..1_000_000");
  CHECK(task->chunks == 20);
  CHECK(task->program == "bin/primes");
  CHECK(task->arguments == std::vector<std::string>{"{first}", "{last}"});
  CHECK(task->extra_files == std::vector<std::string>{"table.dat"});
  CHECK(task->standard_input == "go");
  CHECK(task->sandbox.kind == sandbox_kind::wasm);
  CHECK(task->sandbox.tier == wasm_tier::interpreted);
  CHECK(task->sandbox.nan == nan_policy::as_is);
  CHECK(task->rootfs == "root.tar");
  CHECK(task->reduce == reduce_operation::merge_counts);
  CHECK(task->reduce_sandbox == sandbox_kind::container);
  const auto& spec = task->settings;
  CHECK(spec.reduce_fan_in == 8);
  CHECK(spec.verification.replicas == 5);
  CHECK(spec.verification.replicas_max == 9);
  CHECK(spec.verification.agreement == ppm{750'000});
  CHECK(spec.limits.wall_time == milliseconds{60'000});
  CHECK(spec.limits.cpu_time == milliseconds{30'000});
  CHECK(spec.limits.memory_bytes == 64u << 20);
  CHECK(spec.limits.processes == 8);
  CHECK(spec.limits.open_files == 32);
  CHECK(spec.limits.file_bytes == 1'000'000);
  CHECK(spec.limits.work_directory_bytes == 4096);
  CHECK(spec.limits.stdout_bytes == 2048);
  CHECK(spec.limits.stderr_tail_bytes == 1024);
  CHECK(spec.limits.output_files_bytes == 1u << 20);
  CHECK(spec.limits.fuel == 1'000'000'000);
  CHECK(spec.cpu_permille == 500);
  CHECK(spec.gpu_permille == 2000);
  CHECK(spec.ram_bytes == 1u << 30);
  CHECK(spec.disk_bytes == 2u << 30);
  CHECK(spec.urgency == urgency_level::high);
  CHECK(spec.strategy == placement_strategy::most_trusted);
  CHECK(spec.estimate == milliseconds{250});
  CHECK(spec.budget == credits{12'500'000});
  CHECK(spec.deadline == milliseconds{600'000});
  CHECK(spec.attempts_max == 7);
  CHECK(spec.failed_jobs_max == 3);
  CHECK(spec.window == 64);
  CHECK(task->places.at("input.range") == "trial.toml:5:9");
}

TEST_CASE("what is left out keeps its default, or follows from what is there") {
  auto [task, problems] = read("[limits]\nmemory = \"64MiB\"\n"
                               "wall_time = \"30s\"\n"
                               "[verification]\nreplicas = 9\n");
  REQUIRE(task);
  CHECK(problems.empty());
  CHECK_FALSE(task->type);
  CHECK_FALSE(task->range);
  CHECK_FALSE(task->chunks);
  CHECK(task->sandbox == sandbox_terms{});
  CHECK_FALSE(task->rootfs);
  CHECK(task->reduce_sandbox == sandbox_kind::process);
  const auto& spec = task->settings;
  CHECK(spec.ram_bytes == 64u << 20);
  CHECK(spec.limits.cpu_time == milliseconds{30'000});
  CHECK(spec.verification.replicas_max == 9);
  CHECK(spec.verification.agreement == task_spec{}.verification.agreement);
  CHECK(spec.estimate == task_spec{}.estimate);
  CHECK_FALSE(spec.budget);
}

TEST_CASE("an unknown key is told with its line and what was probably meant") {
  auto text = problem_of("[input]\nrange = \"1..9\"\nchunk = 3\n");
  CHECK(has(text, "trial.toml:3:1: "));
  CHECK(has(text, "'input.chunk'"));
  CHECK(has(text, "did you mean 'chunks'?"));
  text = problem_of("[code]\n\nzebra = 3\n");
  CHECK(has(text, "trial.toml:3:"));
  CHECK(has(text, "kernel, program, args, files, stdin"));
  text = problem_of("[task]\n[limit]\nmemory = 1\n");
  CHECK(has(text, "trial.toml:2:"));
  CHECK(has(text, "did you mean 'limits'?"));
  text = problem_of("[sandbox]\nkind = \"wasm\"\n");
  CHECK(has(text, "type, tier, nan, rootfs"));
  CHECK(has(problem_of("zebra = 1\n"), "trial.toml:1:"));
}

TEST_CASE("each mistake is one message with its line") {
  struct mistake {
    std::string line;
    std::string says;
  };
  // The section takes line 1, the mistake line 2.
  const std::pair<const char*, std::vector<mistake>> sections[] = {
    {"task",
     {{"name = 3", "task.name: a whole number given; expected a string"},
      {"type = \"range_reduse\"", "range_reduce"},
      {"type = true", "a boolean given"}}},
    {"input",
     {{"range = 5", "input.range: a whole number given; expected a string"},
      {"files = \"*.txt\"", "expected an array of strings"},
      {"files = [1]", "only strings"},
      {"lines = []", "expected a string"},
      {"chunks = \"many\"", "input.chunks: a string given; expected a whole"},
      {"chunks = -1", "-1 given"},
      {"chunks = 1.5", "a fraction given"},
      {"chunk_size = 1979-05-27", "a date given"}}},
    {"code",
     {{"args = \"x\"", "code.args"},
      {"kernel = {}", "a table given"},
      {"stdin = 07:32:00", "a time of day given"}}},
    {"sandbox",
     {{"type = \"wasn\"", "did you mean 'wasm'?"},
      {"type = 3", "expected a word in quotes"},
      {"tier = \"fast\"", "auto, interpreted, compiled"},
      {"nan = \"same\"", "canonical, as_is"},
      {"rootfs = []", "expected a string"}}},
    {"reduce",
     {{"sandbox = \"wazm\"", "did you mean 'wasm'?"},
      {"op = \"summ\"", "did you mean 'sum'?"},
      {"fan_in = 4294967296", "expected a number from 0 to 4294967295"}}},
    {"verification",
     {{"replicas = \"3\"", "verification.replicas"},
      {"agreement = \"most\"", "expected a number"},
      {"agreement = -0.5", "expected a number from 0"},
      {"agreement = nan", "expected a number from 0"}}},
    {"limits",
     {{"wall_time = 10", "a time with its unit"},
      {"wall_time = \"10\"", "is not a time"},
      {"memory = \"lots\"", "is not a size"},
      {"memory = -1", "-1 given"},
      {"stdout = 1.5", "expected a size"},
      {"output_files = \"much\"", "is not a size"},
      {"fuel = \"1\"", "expected a whole number"},
      {"fuel = -1", "-1 given"}}},
    {"requirements",
     {{"cpu = \"all\"", "expected a number"}, {"ram = true", "a boolean"}}},
    {"config",
     {{"urgency = \"hig\"", "did you mean 'high'?"},
      {"strategy = 1", "expected a word in quotes"},
      {"budget = true", "an amount of credits"},
      {"budget = \"1.2345678\"", "is not an amount of credits"},
      {"budget = -1", "from 0"},
      {"budget = inf", "from 0"},
      {"deadline = \"soon\"", "is not a time"},
      {"max_attempts = 1e3", "a fraction given"}}},
  };
  for (const auto& [section, mistakes] : sections) {
    for (const auto& [line, says] : mistakes) {
      CAPTURE(line);
      auto text = problem_of("[" + std::string{section} + "]\n" + line + "\n");
      CHECK(text.starts_with("trial.toml:2:"));
      CHECK(has(text, says));
      CHECK(has(text, std::string{section} + "."));
    }
  }
}

TEST_CASE("all mistakes are told at once, in the order of the file") {
  auto [task, problems] =
    read("[config]\nbudget = true\nwindow = \"w\"\n[input]\nchnks = 3\n"
         "range = 1\n[zebra]\n");
  REQUIRE(task);
  REQUIRE(problems.size() == 5);
  std::vector<std::string> places;
  for (const auto& one : problems)
    places.push_back(one.where.substr(0, one.where.rfind(':')));
  CHECK(places
        == std::vector<std::string>{"trial.toml:2", "trial.toml:3",
                                    "trial.toml:5", "trial.toml:6",
                                    "trial.toml:7"});
}

TEST_CASE("what is no TOML is told with its line") {
  for (std::string text :
       {"[input]\nrange = \"1..100\nchunks = 2\n", "[task]\nname =\n",
        "[task]\nname = 1\nname = 2\n", "[input\n", "\xff\xfe"}) {
    CAPTURE(text);
    auto [task, problems] = read(text);
    CHECK_FALSE(task);
    REQUIRE(problems.size() == 1);
    CHECK(problems.front().code == errc::malformed);
    CHECK(problems.front().where.starts_with("trial.toml:"));
  }
  CHECK(read("[input]\nrange = \"1..100\nchunks = 2\n")
          .problems.front()
          .where.starts_with("trial.toml:2:"));
}

TEST_CASE("a file that cannot be read is told by name") {
  test::scratch_directory scratch;
  std::vector<config_problem> problems;
  CHECK_FALSE(read_task_file(scratch.path() / "missing.toml", problems));
  CHECK_FALSE(read_task_file(scratch.path(), problems));
  REQUIRE(problems.size() == 2);
  CHECK(problems[0].code == errc::not_found);
  CHECK(has(problems[0].message, "missing.toml"));
  CHECK(has(problems[1].message, "is a directory"));
}

TEST_CASE("paths in a file are relative to the file") {
  test::scratch_directory scratch;
  auto path = scratch.write("deep/task.toml", "[task]\nname = \"x\"\n");
  std::vector<config_problem> problems;
  auto task = read_task_file(path, problems);
  REQUIRE(task);
  CHECK(task->directory == scratch.path() / "deep");
}

TEST_CASE("what is written of a task is read as the same") {
  std::vector<config_problem> problems;
  auto original = parse_task_text(complete, "a.toml", "/here", problems);
  REQUIRE(original);
  original->name = "quotes \" ' \\ and\nlines\tand \xe2\x82\xac \x01 '''";
  original->arguments = {"", "'''", "\"\"\"", "{{x}}", "a\nb", "\x7f"};
  original->files = {"*.txt"};
  original->lines = "l";
  original->chunk_size = 9'223'372'036'854'775'807u;
  original->kernel = "noop";
  original->reduce_program = "./r";
  original->reduce_arguments = {"-x"};
  original->reduce_files = {"f"};
  original->reduce_sandbox = sandbox_kind::wasm;
  original->rootfs = "root \"fs\"/";
  original->settings.limits.fuel = 9'223'372'036'854'775'807u;
  original->settings.limits.output_files_bytes = 12'345;
  original->settings.budget = credits{1};
  original->settings.verification.agreement = ppm{666'667};
  auto text = write_task_text(*original);
  auto copy = parse_task_text(text, "b.toml", "/here", problems);
  REQUIRE(copy);
  CHECK(problems.empty());
  CHECK(copy->name == original->name);
  CHECK(copy->arguments == original->arguments);
  CHECK(copy->files == original->files);
  CHECK(copy->lines == original->lines);
  CHECK(copy->chunks == original->chunks);
  CHECK(copy->chunk_size == original->chunk_size);
  CHECK(copy->kernel == original->kernel);
  CHECK(copy->standard_input == original->standard_input);
  CHECK(copy->reduce == original->reduce);
  CHECK(copy->reduce_program == original->reduce_program);
  CHECK(copy->sandbox == original->sandbox);
  CHECK(copy->rootfs == original->rootfs);
  CHECK(copy->reduce_sandbox == original->reduce_sandbox);
  CHECK(copy->settings.budget == original->settings.budget);
  CHECK(copy->settings.limits == original->settings.limits);
  CHECK(copy->settings.verification.agreement == ppm{666'667});
  // Whatever else there is: the same text again.
  CHECK(write_task_text(*copy) == text);
}

TEST_CASE("a budget is exact to the micro-credit, as a number and as text") {
  auto budget_of = [](const std::string& value) {
    auto [task, problems] = read("[config]\nbudget = " + value);
    REQUIRE(task);
    CHECK(problems.empty());
    return task->settings.budget;
  };
  CHECK(budget_of("12.5") == microcredits(12'500'000));
  CHECK(budget_of("3") == whole_credits(3));
  CHECK(budget_of("0.1") == microcredits(100'000));
  CHECK(budget_of("\"0.000001\"") == microcredits(1));
  CHECK(budget_of("0.000001") == microcredits(1));
  CHECK(budget_of("\"1234567.654321\"") == microcredits(1'234'567'654'321));
}

TEST_CASE("a section that is no table is told, and its keys are not missed") {
  auto text = problem_of("task = 3\n");
  CHECK(has(text, "trial.toml:1:"));
  CHECK(has(text, "expected a section [task]"));
}

TEST_CASE("no damage to a file makes reading it fail otherwise than by words") {
  auto random = random_generator::from_number(11);
  int told = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text{complete};
    for (auto left = random.below(3) + 1; left > 0; --left) {
      auto place = static_cast<std::size_t>(random.below(text.size()));
      if (random.below(2) == 0)
        text.erase(place, random.below(8) + 1);
      else
        text[place] = static_cast<char>(random.below(256));
    }
    auto [task, problems] = read(text);
    CHECK((task.has_value() || problems.size() == 1));
    for (const auto& one : problems) {
      ++told;
      CHECK(one.where.starts_with("trial.toml:"));
      CHECK_FALSE(one.message.empty());
    }
  }
  CHECK(told > 1000);
}
