#include "tools/artel/task_options.hpp"

#include "tests/runtime/scratch_directory.hpp"
#include "tools/artel/command_line.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

using words = std::vector<std::string>;

arguments given(words options) {
  options.insert(options.begin(), "run");
  auto parsed = parse_command_line(options);
  REQUIRE(parsed);
  return parsed->given;
}

struct description {
  std::optional<runtime::task_description> task;
  std::vector<runtime::config_problem> problems;
};

description described(const words& options) {
  description outcome;
  outcome.task = describe_task(given(options), outcome.problems);
  return outcome;
}

/// The only problem.
std::string problem_of(const words& options) {
  auto problems = described(options).problems;
  return problems.size() == 1 ? to_string(problems.front())
                              : std::to_string(problems.size()) + " problems";
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

} // namespace

TEST_CASE("a program and its input need no file") {
  auto [task, problems] = described(
    {"--range",    "1..1e6", "--chunks",   "20",  "--reduce",       "sum",
     "--replicas", "9",      "--budget",   "2.5", "--timeout",      "1m",
     "--deadline", "1h",     "--estimate", "2s",  "--max-attempts", "6",
     "--name",     "mine",   "--",         "./p", "{first}",        "-v"});
  REQUIRE(task);
  CHECK(problems.empty());
  CHECK(task->range == "1..1e6");
  CHECK(task->chunks == 20);
  CHECK(task->reduce == reduce_operation::sum);
  CHECK(task->program == "./p");
  CHECK(task->arguments == words{"{first}", "-v"});
  CHECK(task->name == "mine");
  CHECK(task->directory.is_absolute());
  const auto& spec = task->settings;
  CHECK(spec.verification.replicas == 9);
  CHECK(spec.verification.replicas_max == 9);
  CHECK(spec.budget == credits{2'500'000});
  CHECK(spec.limits.wall_time == milliseconds{60'000});
  CHECK(spec.limits.cpu_time == milliseconds{60'000});
  CHECK(spec.deadline == milliseconds{3'600'000});
  CHECK(spec.estimate == milliseconds{2'000});
  CHECK(spec.attempts_max == 6);
  CHECK(task->places.at("input.range") == "--range");
}

TEST_CASE("flags override a file, and what they replace is forgotten") {
  test::scratch_directory scratch;
  auto path = scratch
                .write("t.toml", "[input]\nfiles = [\"*\"]\n"
                                 "[code]\nprogram = \"p\"\nargs = [\"x\"]\n"
                                 "stdin = \"in\"\n"
                                 "[reduce]\nprogram = \"r\"\nargs = [\"y\"]\n"
                                 "[limits]\nwall_time = \"soon\"\n"
                                 "[config]\nmax_attempts = 9\n")
                .string();
  auto [plain, some] = described({path});
  REQUIRE(plain);
  CHECK(some.size() == 1);
  auto [task, problems] = described(
    {path, "--range", "1..9", "--kernel", "noop", "--reduce", "merge-counts"});
  REQUIRE(task);
  CHECK(task->range == "1..9");
  CHECK(task->files.empty());
  CHECK(task->kernel == "noop");
  CHECK_FALSE(task->program);
  CHECK(task->arguments.empty());
  CHECK_FALSE(task->standard_input);
  CHECK(task->reduce == reduce_operation::merge_counts);
  CHECK_FALSE(task->reduce_program);
  CHECK(task->reduce_arguments.empty());
  CHECK(task->settings.attempts_max == 9);
}

TEST_CASE("flags say the sandbox and what a run may use of it") {
  test::scratch_directory scratch;
  auto path = scratch
                .write("t.toml", "[code]\nprogram = \"p\"\n"
                                 "[sandbox]\ntype = \"container\"\n"
                                 "tier = \"fast\"\nrootfs = \"r.tar\"\n"
                                 "[limits]\nfuel = 3\n")
                .string();
  auto [task, problems] =
    described({path, "--sandbox", "wasm", "--tier", "interpreted", "--fuel",
               "1e9", "--output-files", "2MiB"});
  REQUIRE(task);
  CHECK(task->sandbox.kind == sandbox_kind::wasm);
  CHECK(task->sandbox.tier == wasm_tier::interpreted);
  CHECK(task->settings.limits.fuel == 1'000'000'000);
  CHECK(task->settings.limits.output_files_bytes == 2u << 20);
  CHECK(task->places.at("sandbox.type") == "--sandbox");
  CHECK(task->places.at("limits.fuel") == "--fuel");
  // The file's own mistake was told when it was read.
  REQUIRE(problems.size() == 1);
  CHECK_FALSE(task->unsound.contains("sandbox.tier"));

  // Another program runs where the file's did; a kernel runs nowhere.
  CHECK(described({path, "--", "q"}).task->rootfs == "r.tar");
  auto polynomial = described({path, "--kernel", "sum_polynomial",
                               "--kernel-arg", "1", "--kernel-arg=-2"})
                      .task;
  REQUIRE(polynomial);
  CHECK(polynomial->arguments == std::vector<std::string>{"1", "-2"});
  auto kernel = described({path, "--kernel", "noop"}).task;
  REQUIRE(kernel);
  CHECK(kernel->sandbox == sandbox_terms{});
  CHECK_FALSE(kernel->rootfs);
}

TEST_CASE("a reduce step with a slash is a program") {
  auto [task, problems] =
    described({"--each", "*", "--reduce", "./merge", "--", "p"});
  REQUIRE(task);
  CHECK(problems.empty());
  CHECK(task->reduce_program == "./merge");
  CHECK_FALSE(task->reduce);
}

TEST_CASE("each wrong flag is told with its name") {
  auto wrong = [](const words& options) {
    auto all = options;
    all.insert(all.end(), {"--", "p"});
    return problem_of(all);
  };
  CHECK(has(wrong({"--chunks=-1"}), "--chunks: '-1'"));
  CHECK(has(wrong({"--chunk-size", "x"}), "--chunk-size: "));
  CHECK(has(wrong({"--replicas", "5000000000"}), "--replicas: "));
  CHECK(has(wrong({"--budget", "a lot"}), "--budget: "));
  CHECK(has(wrong({"--timeout", "10"}), "--timeout: "));
  CHECK(has(wrong({"--deadline", "soon"}), "--deadline: "));
  CHECK(has(wrong({"--estimate", "1x"}), "--estimate: "));
  CHECK(has(wrong({"--max-attempts", ""}), "--max-attempts: "));
  CHECK(has(wrong({"--fuel", "much"}), "--fuel: "));
  CHECK(has(wrong({"--fuel", "9223372036854775808"}), "--fuel: "));
  CHECK(has(wrong({"--output-files", "x"}), "--output-files: "));
  CHECK(has(wrong({"--reduce", "summ"}), "did you mean 'sum'?"));
  CHECK(has(wrong({"--reduce", "program"}), "--reduce: "));
  CHECK(has(wrong({"--kernel", "noop"}), "--kernel: "));
  CHECK(has(wrong({"--kernel-arg", "1"}), "--kernel-arg: no kernel given"));
}

TEST_CASE("nothing to run is told, with what there could be") {
  auto [task, problems] = described({"--range", "1..9"});
  CHECK_FALSE(task);
  REQUIRE(problems.size() == 1);
  CHECK(has(problems.front().message, "task file"));
}

TEST_CASE("the network is as its flags say") {
  auto options =
    network_options_of(given({"--local", "7", "--saboteurs", "2", "--credits",
                              "12.5", "--slots", "3", "-v"}));
  REQUIRE(options);
  CHECK(options->workers == 7);
  CHECK(options->saboteurs == 2);
  CHECK(options->slots == 3);
  CHECK(options->client_credits == credits{12'500'000});
  CHECK(options->log_threshold == log_level::info);
  auto usual = network_options_of(given({}));
  REQUIRE(usual);
  CHECK(usual->workers == 5);
  CHECK(usual->saboteurs == 0);
  CHECK(usual->client_credits == whole_credits(100));
  CHECK(usual->log_threshold == log_level::warning);
  for (const words& wrong :
       {words{"--local", "x"}, words{"--slots=-1"}, words{"--credits", "much"},
        words{"--saboteurs", "4294967296"}}) {
    auto refused = network_options_of(given(wrong));
    REQUIRE_FALSE(refused);
    CHECK(has(refused.error().message,
              wrong.front().substr(0, wrong.front().find('='))));
  }
}

TEST_CASE("output is a table or JSON") {
  CHECK(*output_format_of(given({})) == output_format::table);
  CHECK(*output_format_of(given({"-o", "json"})) == output_format::json);
  CHECK_FALSE(output_format_of(given({"-o", "yaml"})));
}
