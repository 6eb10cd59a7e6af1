#include "runtime/config/task_file.hpp"

#include "protocol/task/chunk_plan.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

/// A directory with a program and some files.
struct workshop {
  test::scratch_directory scratch;

  workshop() {
    auto program = scratch.write("count", "#!/bin/sh\necho 1\n");
    std::filesystem::permissions(program, std::filesystem::perms::owner_all);
    scratch.write("plain", "no program");
    scratch.write("in/a.txt", "a\n");
    scratch.write("in/b.txt", "b\nb\n");
  }

  task_description task() const {
    task_description task;
    task.directory = scratch.path();
    return task;
  }
};

task_description kernel_task() {
  task_description task;
  task.directory = "/";
  task.kernel = "count_primes";
  task.range = "1..1000";
  task.reduce = reduce_operation::sum;
  return task;
}

std::vector<std::string> problems_of(const task_description& task) {
  std::vector<config_problem> problems;
  auto prepared = prepare(task, problems);
  CHECK(prepared.has_value() == problems.empty());
  std::vector<std::string> texts;
  for (const auto& one : problems)
    texts.push_back(to_string(one));
  return texts;
}

std::string only_problem_of(const task_description& task) {
  auto texts = problems_of(task);
  return texts.size() == 1 ? texts.front()
                           : std::to_string(texts.size()) + " problems";
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

submission prepared(const task_description& task) {
  std::vector<config_problem> problems;
  auto result = prepare(task, problems);
  REQUIRE(result);
  return *result;
}

} // namespace

TEST_CASE("a task's type and name follow from what it is made of") {
  workshop shop;
  auto range = prepared(kernel_task());
  CHECK(range.spec.type == task_type::range_reduce);
  CHECK(range.spec.name == "count_primes");
  CHECK(range.bundles.empty());
  CHECK(chunk_count(range.spec.source) == 100);

  auto map = shop.task();
  map.program = "./count";
  map.files = {"in/*.txt"};
  CHECK(prepared(map).spec.type == task_type::map);
  CHECK(prepared(map).spec.name == "count");
  map.reduce = reduce_operation::merge_counts;
  CHECK(prepared(map).spec.type == task_type::map_reduce);
  map.file_name = "some/where/words.toml";
  CHECK(prepared(map).spec.name == "words");
  CHECK(prepared(map).spec.source.files.size() == 2);
  CHECK(prepared(map).bundles.size() == 1);

  auto run = shop.task();
  run.program = "count";
  CHECK(prepared(run).spec.type == task_type::run);
  CHECK(prepared(run).spec.source.kind == source_kind::none);
}

TEST_CASE("a chunk size says how many numbers or lines a job gets at most") {
  auto task = kernel_task();
  task.chunk_size = 300;
  CHECK(chunk_count(prepared(task).spec.source) == 4);
  task.chunk_size = 1000;
  CHECK(chunk_count(prepared(task).spec.source) == 1);
  workshop shop;
  auto lines = shop.task();
  lines.program = "count";
  lines.lines = "in/b.txt";
  lines.chunk_size = 1;
  CHECK(chunk_count(prepared(lines).spec.source) == 2);
}

TEST_CASE("a range smaller than the usual number of jobs makes fewer") {
  auto task = kernel_task();
  task.range = "5..7";
  CHECK(prepared(task).spec.source.chunks == 3);
}

TEST_CASE("a program that maps and reduces is packed once") {
  workshop shop;
  auto task = shop.task();
  task.program = "count";
  task.files = {"in/*"};
  task.reduce_program = "./count";
  auto ready = prepared(task);
  CHECK(ready.spec.reduce == reduce_operation::program);
  CHECK(ready.bundles.size() == 1);
  CHECK(ready.spec.code == ready.spec.reduce_code);
}

TEST_CASE("each mistake in a task is told once, where it was made") {
  workshop shop;
  auto mistake = [](auto change) {
    auto task = kernel_task();
    change(task);
    return only_problem_of(task);
  };
  CHECK(has(mistake([](auto& t) { t.range = "10..1"; }),
            "input.range: 10..1 given"));
  CHECK(has(mistake([](auto& t) { t.range = "1-100"; }), "'1-100'"));
  CHECK(has(mistake([](auto& t) { t.range = "1..9223372036854775808"; }),
            "9223372036854775807"));
  CHECK(has(mistake([](auto& t) { t.chunks = 0; }), "input.chunks: 0 given"));
  CHECK(has(mistake([](auto& t) { t.chunk_size = 0; }), "input.chunk_size"));
  CHECK(has(mistake([](auto& t) { t.chunks = t.chunk_size = 5; }),
            "chunks and chunk_size given"));
  CHECK(has(mistake([](auto& t) { t.files = {"/etc/*"}; }),
            "more than one of range, files and lines"));
  CHECK(has(mistake([](auto& t) { t.kernel = "count_prims"; }),
            "did you mean 'count_primes'?"));
  CHECK(has(mistake([](auto& t) { t.kernel.reset(); }), "no code given"));
  CHECK(has(mistake([](auto& t) { t.program = "/usr/bin/true"; }),
            "kernel and program given"));
  CHECK(has(mistake([](auto& t) { t.range.reset(); }), "expected a range"));
  CHECK(has(mistake([](auto& t) { t.arguments = {"x"}; }), "neither args"));
  CHECK(has(mistake([](auto& t) { t.reduce_arguments = {"x"}; }),
            "no program that they belong to"));
  CHECK(has(mistake([](auto& t) { t.settings.verification.replicas = 0; }),
            "verification.replicas: 0 given"));
  CHECK(has(mistake([](auto& t) { t.settings.limits.memory_bytes = 0; }),
            "limits.memory"));
  CHECK(has(mistake([](auto& t) { t.name = "\xff"; }), "UTF-8"));
  CHECK(has(mistake([](auto& t) {
              t.type = task_type::range_reduce;
              t.reduce.reset();
            }),
            "reduce.op"));
}

TEST_CASE("programs and files that are not there are told by name") {
  workshop shop;
  auto task = shop.task();
  task.range = "1..10";
  task.program = "./missing";
  CHECK(has(only_problem_of(task), "missing"));
  task.program = "plain";
  CHECK(has(only_problem_of(task), "chmod +x"));
  task.program = "in";
  CHECK(has(only_problem_of(task), "directory"));
  task.program = "../count";
  CHECK(has(only_problem_of(task), "code.program"));
  task.program = "count";
  task.extra_files = {"gone.dat"};
  CHECK(has(only_problem_of(task), "gone.dat"));
  task.extra_files.clear();
  task.range.reset();
  task.files = {"in/*.nothing"};
  CHECK(has(only_problem_of(task), "in/*.nothing"));
  task.files = {"in/*"};
  task.chunks = 3;
  CHECK(has(only_problem_of(task), "one job each"));
}

TEST_CASE("a problem is told with the line or flag that the value came from") {
  auto task = kernel_task();
  task.range = "10..1";
  task.file_name = "t.toml";
  CHECK(only_problem_of(task).starts_with("t.toml: input.range: "));
  task.places["input"] = "t.toml:3:1";
  CHECK(only_problem_of(task).starts_with("t.toml:3:1: input.range: "));
  task.places["input.range"] = "t.toml:4:9";
  CHECK(only_problem_of(task).starts_with("t.toml:4:9: input.range: "));
  task.places["input.range"] = "--range";
  CHECK(only_problem_of(task).starts_with("--range: 10..1 given"));
}

TEST_CASE("what follows from a mistake told before is not told again") {
  std::vector<config_problem> problems;
  auto task = parse_task_text("[task]\ntype = \"range_reduce\"\n"
                              "[input]\nrange = 5\n"
                              "[code]\nkernel = \"count_primes\"\n"
                              "[reduce]\nop = \"summ\"\n",
                              "t.toml", "/", problems);
  REQUIRE(task);
  REQUIRE(problems.size() == 2);
  CHECK_FALSE(prepare(*task, problems));
  CHECK(problems.size() == 2);
}

TEST_CASE("independent mistakes are all told") {
  auto task = kernel_task();
  task.range = "9..1";
  task.kernel = "nothing_like_it";
  task.settings.attempts_max = 0;
  task.settings.limits.stdout_bytes = 0;
  CHECK(problems_of(task).size() == 4);
}

TEST_CASE("a known source is taken as it is, and nothing is looked up") {
  workshop shop;
  auto task = shop.task();
  task.program = "count";
  task.files = {"gone/*"};
  auto source = prepared(kernel_task()).spec.source;
  source.only = {3, 7};
  std::vector<config_problem> problems;
  auto ready = prepare(task, problems, &source);
  REQUIRE(ready);
  CHECK(ready->spec.source.kind == source_kind::range);
  CHECK(ready->spec.source.only == std::vector<std::uint64_t>{3, 7});
}
