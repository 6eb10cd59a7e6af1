#include "runtime/config/task_file.hpp"

#include "protocol/core/random.hpp"

#include <algorithm>
#include <cstddef>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <unistd.h>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

using problem_list = std::vector<config_problem>;

std::optional<task_description> read(std::string_view text,
                                     problem_list& problems) {
  return parse_task_text(text, "t.toml", "/tasks", problems);
}

task_description read_sound(std::string_view text) {
  problem_list problems;
  auto task = read(text, problems);
  for (const auto& one : problems)
    MESSAGE(to_string(one));
  CHECK(problems.empty());
  REQUIRE(task.has_value());
  return *task;
}

problem_list problems_of(std::string_view text) {
  problem_list problems;
  read(text, problems);
  return problems;
}

/// The problem is on that line and its message holds all of the words.
bool tells(const config_problem& problem, int line,
           std::initializer_list<std::string_view> words) {
  return problem.where.starts_with("t.toml:" + std::to_string(line) + ":")
         && std::all_of(words.begin(), words.end(), [&](auto word) {
              return problem.message.find(word) != std::string::npos;
            });
}

constexpr std::string_view full_text = R"([task]
name = "all keys"
type = "map-reduce"
[input]
files = ["a/*", "b"]
chunks = 7
[code]
program = "bin/x"
args = ["{file}", "-v"]
files = ["data.txt"]
stdin = "line\n"
[reduce]
op = "merge-counts"
fan_in = 8
[verification]
replicas = 2
replicas_max = 5
agreement = 0.75
[limits]
wall_time = "20s"
cpu_time = "15s"
memory = "64MiB"
processes = 3
open_files = 32
file_size = "2MiB"
work_directory = "3MiB"
stdout = "4KiB"
stderr_tail = 100
[requirements]
cpu = 0.5
gpu = 2
ram = "1GiB"
disk = "5MiB"
[config]
urgency = "high"
strategy = "most-trusted"
estimate = "2s"
budget = 12.5
deadline = "10m"
max_attempts = 2
max_failed_jobs = 3
window = 9
)";

void check_input_and_code(const task_description& task) {
  CHECK(task.name == "all keys");
  CHECK(task.type == task_type::map_reduce);
  CHECK(task.files == std::vector<std::string>{"a/*", "b"});
  CHECK(task.chunks == 7u);
  CHECK_FALSE(task.chunk_size.has_value());
  CHECK(task.program == "bin/x");
  CHECK(task.arguments == std::vector<std::string>{"{file}", "-v"});
  CHECK(task.extra_files == std::vector<std::string>{"data.txt"});
  CHECK(task.standard_input == "line\n");
  CHECK(task.reduce == reduce_operation::merge_counts);
  CHECK(task.settings.reduce_fan_in == 8);
}

void check_settings(const task_spec& settings) {
  CHECK(settings.verification.replicas == 2);
  CHECK(settings.verification.replicas_max == 5);
  CHECK(settings.verification.agreement == ppm{750'000});
  CHECK(settings.limits
        == execution_limits{milliseconds{20'000}, milliseconds{15'000},
                            64u << 20, 3, 32, 2u << 20, 3u << 20, 4u << 10,
                            100});
  CHECK(settings.cpu_permille == 500);
  CHECK(settings.gpu_permille == 2000);
  CHECK(settings.ram_bytes == 1u << 30);
  CHECK(settings.disk_bytes == 5u << 20);
  CHECK(settings.urgency == urgency_level::high);
  CHECK(settings.strategy == placement_strategy::most_trusted);
  CHECK(settings.estimate == milliseconds{2000});
  CHECK(settings.budget == microcredits(12'500'000));
  CHECK(settings.deadline == milliseconds{600'000});
  CHECK(settings.attempts_max == 2);
  CHECK(settings.failed_jobs_max == 3);
  CHECK(settings.window == 9);
}

} // namespace

TEST_CASE("every key of a task file ends up in its description") {
  auto task = read_sound(full_text);
  check_input_and_code(task);
  check_settings(task.settings);
  CHECK(task.directory == "/tasks");
  CHECK(task.file_name == "t.toml");
  CHECK(task.places.at("limits.memory").starts_with("t.toml:22:"));
}

TEST_CASE("what a file leaves out keeps its default") {
  auto task = read_sound("");
  const task_spec defaults;
  CHECK(task.name.empty());
  CHECK_FALSE(task.type.has_value());
  CHECK_FALSE(task.reduce.has_value());
  CHECK(task.settings.limits == defaults.limits);
  CHECK(task.settings.cpu_permille == defaults.cpu_permille);
  CHECK(task.settings.ram_bytes == defaults.ram_bytes);
  CHECK(task.settings.estimate == defaults.estimate);
  CHECK_FALSE(task.settings.budget.has_value());
}

TEST_CASE("all examples' ways of writing an input are taken") {
  CHECK(read_sound("[input]\nrange = \"1..1_000\"\nchunk_size = 50").chunk_size
        == 50u);
  CHECK(read_sound("[input]\nlines = \"words.txt\"").lines == "words.txt");
  CHECK(read_sound("[reduce]\nprogram = \"m.sh\"\nargs = [\"a\"]\n"
                   "files = [\"f\"]")
          .reduce_program
        == "m.sh");
  CHECK(read_sound("[code]\nkernel = \"noop\"").kernel == "noop");
}

TEST_CASE("a budget is exact to the micro-credit, as a number and as text") {
  auto budget_of = [](std::string_view value) {
    return read_sound("[config]\nbudget = " + std::string{value})
      .settings.budget;
  };
  CHECK(budget_of("12.5") == microcredits(12'500'000));
  CHECK(budget_of("3") == whole_credits(3));
  CHECK(budget_of("0.1") == microcredits(100'000));
  CHECK(budget_of("\"0.000001\"") == microcredits(1));
  CHECK(budget_of("0.000001") == microcredits(1));
  CHECK(budget_of("\"1234567.654321\"") == microcredits(1'234'567'654'321));
}

TEST_CASE("a budget of no sense is told with its line") {
  for (auto value : {"-1", "\"abc\"", "inf", "nan", "1e300", "true", "[]"}) {
    CAPTURE(value);
    auto problems = problems_of("[config]\nbudget = " + std::string{value});
    REQUIRE(problems.size() == 1);
    CHECK(tells(problems[0], 2, {"config.budget"}));
  }
}

TEST_CASE("an unknown key is told with its place and what was meant") {
  auto problems = problems_of("[input]\nrange = \"1..9\"\n  chnks = 3\n");
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == "t.toml:3:3");
  CHECK(tells(problems[0], 3, {"chnks", "did you mean", "chunks"}));
  CHECK(to_string(problems[0]).starts_with("t.toml:3:3: "));
}

TEST_CASE("an unknown key that is close to none lists what there is") {
  auto problems = problems_of("[task]\nwibbleflup = 3\n");
  REQUIRE(problems.size() == 1);
  CHECK(tells(problems[0], 2, {"wibbleflup", "name", "type"}));
}

TEST_CASE("an unknown section is told with what was meant") {
  auto problems = problems_of("[task]\nname = \"a\"\n[limit]\nmemory = 3\n");
  REQUIRE(problems.size() == 1);
  CHECK(tells(problems[0], 3, {"limit", "did you mean", "limits"}));
  problems = problems_of("title = 4\n");
  REQUIRE(problems.size() == 1);
  CHECK(tells(problems[0], 1, {"title", "requirements"}));
}

TEST_CASE("a section that is no table is told, and its keys are not missed") {
  auto problems = problems_of("task = 3\n");
  REQUIRE(problems.size() == 1);
  CHECK(tells(problems[0], 1, {"task", "a whole number", "[task]"}));
}

TEST_CASE("a value of the wrong type is told with what was expected") {
  struct example {
    std::string_view section;
    std::string_view line;
    std::string_view expected;
  };
  for (const auto& one : {
         example{"task", "name = 3", "string"},
         example{"task", "type = 3", "word"},
         example{"task", "type = \"mapp\"", "map"},
         example{"input", "files = \"a\"", "array"},
         example{"input", "files = [1]", "string"},
         example{"input", "chunks = \"many\"", "whole number"},
         example{"input", "chunks = -1", "from 0"},
         example{"input", "chunks = 1.5", "whole number"},
         example{"limits", "wall_time = 10", "10s"},
         example{"limits", "wall_time = \"ten\"", "10s"},
         example{"limits", "memory = true", "256MiB"},
         example{"limits", "memory = \"64MuB\"", "256MiB"},
         example{"limits", "memory = -5", "from 0"},
         example{"limits", "processes = 4294967296", "4294967295"},
         example{"requirements", "cpu = \"one\"", "number"},
         example{"requirements", "cpu = -1.0", "from 0"},
         example{"requirements", "cpu = nan", "from 0"},
         example{"verification", "agreement = inf", "from 0"},
         example{"config", "urgency = \"hihg\"", "high"},
         example{"config", "deadline = 1979-05-27", "10s"},
       }) {
    CAPTURE(one.line);
    auto problems = problems_of("\n[" + std::string{one.section} + "]\n"
                                + std::string{one.line} + "\n");
    REQUIRE(problems.size() == 1);
    auto key = std::string{one.section} + "."
               + std::string{one.line.substr(0, one.line.find(' '))};
    CHECK_MESSAGE(tells(problems[0], 3, {key, one.expected}),
                  to_string(problems[0]));
  }
}

TEST_CASE("a value that is told of leaves the rest of the file as it is") {
  problem_list problems;
  auto task = read("[task]\nname = 3\n[input]\nchunks = 5\n", problems);
  REQUIRE(task.has_value());
  CHECK(problems.size() == 1);
  CHECK(task->chunks == 5u);
  CHECK(task->unsound.contains("task.name"));
}

TEST_CASE("all problems of a file are told at once, in the order of lines") {
  auto problems = problems_of("[config]\n"
                              "urgency = 1\n"
                              "[task]\n"
                              "nam = \"x\"\n"
                              "[limts]\n"
                              "[input]\n"
                              "chunks = \"a\"\n"
                              "range = 5\n");
  REQUIRE(problems.size() == 5);
  CHECK(tells(problems[0], 2, {"config.urgency"}));
  CHECK(tells(problems[1], 4, {"nam", "name"}));
  CHECK(tells(problems[2], 5, {"limts", "limits"}));
  CHECK(tells(problems[3], 7, {"input.chunks"}));
  CHECK(tells(problems[4], 8, {"input.range"}));
}

TEST_CASE("what is no TOML is told with its line, and gives nothing") {
  for (auto text : {"[task]\nname = \n", "[task]\nname = \"a", "[task]\n= 3\n",
                    "[task]\nname = 1\nname = 2\n", "[#a]", "[=]", "[:a]"}) {
    CAPTURE(text);
    problem_list problems;
    CHECK_FALSE(read(text, problems).has_value());
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].code == errc::malformed);
    CHECK(problems[0].where.starts_with("t.toml:"));
  }
}

TEST_CASE("a file that can't be read is told by its name") {
  for (std::filesystem::path path : {"/no/such/task.toml", "/"}) {
    CAPTURE(path);
    problem_list problems;
    CHECK_FALSE(read_task_file(path, problems).has_value());
    REQUIRE(problems.size() == 1);
    CHECK(problems[0].message.find(path.string()) != std::string::npos);
  }
}

TEST_CASE("a file on disk brings its directory along") {
  auto directory = std::filesystem::temp_directory_path()
                   / ("artel_task_file_" + std::to_string(::getpid()));
  std::filesystem::create_directories(directory);
  auto path = directory / "one.toml";
  std::ofstream{path} << "[task]\nname = \"one\"\n[task2]\n";
  problem_list problems;
  auto task = read_task_file(path, problems);
  std::filesystem::remove_all(directory);
  REQUIRE(task.has_value());
  CHECK(task->name == "one");
  CHECK(task->directory == directory);
  REQUIRE(problems.size() == 1);
  CHECK(problems[0].where == path.string() + ":3:2");
}

TEST_CASE("a written task reads back as the same") {
  auto again = read_sound(write_task_text(read_sound(full_text)));
  check_input_and_code(again);
  check_settings(again.settings);
}

TEST_CASE("no damage to a file makes reading it fail otherwise than by words") {
  auto random = random_generator::from_number(11);
  int told = 0;
  for (int i = 0; i < 3000; ++i) {
    std::string text{full_text};
    for (auto left = random.below(3) + 1; left > 0; --left) {
      auto place = static_cast<std::size_t>(random.below(text.size()));
      if (random.below(2) == 0)
        text.erase(place, random.below(8) + 1);
      else
        text[place] = static_cast<char>(random.below(256));
    }
    problem_list problems;
    auto task = read(text, problems);
    CHECK((task.has_value() || problems.size() == 1));
    for (const auto& one : problems) {
      ++told;
      CHECK(one.where.starts_with("t.toml:"));
      CHECK_FALSE(one.message.empty());
    }
  }
  CHECK(told > 1000);
}
