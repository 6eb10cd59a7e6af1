#include "tools/artel/limit_options.hpp"

#include "tools/artel/command_line.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

using words = std::vector<std::string>;

struct outcome {
  execution_limits limits;
  std::vector<runtime::config_problem> problems;
};

outcome applied(words options) {
  options.insert(options.begin(), {"sandbox", "run"});
  options.insert(options.end(), {"--", "p"});
  auto parsed = parse_command_line(options);
  REQUIRE(parsed);
  outcome one;
  apply_limits(parsed->given, one.limits, one.problems);
  return one;
}

/// The only problem.
std::string problem_of(const words& options) {
  auto problems = applied(options).problems;
  return problems.size() == 1 ? to_string(problems.front())
                              : std::to_string(problems.size()) + " problems";
}

} // namespace

TEST_CASE("each limit has its flag, in the units of task files") {
  auto [limits, problems] =
    applied({"--wall-time",      "2s",    "--cpu-time",     "1500ms",
             "--memory",         "64MiB", "--processes",    "8",
             "--open-files",     "32",    "--file-size",    "1MB",
             "--work-directory", "2MiB",  "--stdout-limit", "4KiB",
             "--stderr-tail",    "0",     "--output-files", "1KiB",
             "--fuel",           "10^9"});
  CHECK(problems.empty());
  execution_limits wanted;
  wanted.wall_time = milliseconds{2'000};
  wanted.cpu_time = milliseconds{1'500};
  wanted.memory_bytes = 64u << 20;
  wanted.processes = 8;
  wanted.open_files = 32;
  wanted.file_bytes = 1'000'000;
  wanted.work_directory_bytes = 2u << 20;
  wanted.stdout_bytes = 4u << 10;
  wanted.stderr_tail_bytes = 0;
  wanted.output_files_bytes = 1u << 10;
  wanted.fuel = 1'000'000'000;
  CHECK(limits == wanted);
}

TEST_CASE("without flags the limits stay as they are") {
  auto [limits, problems] = applied({});
  CHECK(problems.empty());
  CHECK(limits == execution_limits{});
}

TEST_CASE("processor time goes up with wall time, unless it is given") {
  CHECK(applied({"--wall-time", "1m"}).limits.cpu_time == milliseconds{60'000});
  CHECK(applied({"--wall-time", "1m", "--cpu-time", "1s"}).limits.cpu_time
        == milliseconds{1'000});
  CHECK(applied({"--wall-time", "1s"}).limits.cpu_time == milliseconds{10'000});
}

TEST_CASE("a wrong limit is told once, with its flag") {
  for (const auto& wrong : std::vector<words>{
         {"--wall-time", "10"},
         {"--wall-time", "0s"},
         {"--wall-time", "2000d"},
         {"--cpu-time", "soon"},
         {"--memory", "much"},
         {"--memory", "0"},
         {"--memory", "16777216TiB"},
         {"--processes", "0"},
         {"--processes", "4294967297"},
         {"--open-files", "1.5"},
         {"--file-size", "0B"},
         {"--work-directory", ""},
         {"--stdout-limit", "65MiB"},
         {"--stderr-tail", "65KiB"},
         {"--output-files", "64MiB"},
         {"--fuel", "all"},
       }) {
    auto problem = problem_of(wrong);
    INFO(problem);
    CHECK(problem.starts_with(wrong.front() + ": "));
  }
  CHECK(applied({"--memory", "x", "--processes", "0"}).problems.size() == 2);
}

TEST_CASE("help shows the defaults that hold") {
  for (const auto& option : limit_options())
    if (option.name == "memory")
      CHECK(option.default_text == "256MiB");
    else if (option.name == "wall-time")
      CHECK(option.default_text == "10s");
    else
      CHECK_FALSE(option.default_text.empty());
}
