#include "runtime/observe/retry_plan.hpp"

#include "tests/runtime/observe/sample_run.hpp"
#include "tests/runtime/scratch_directory.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

std::string joined(const std::vector<std::vector<json>>& runs) {
  std::vector<json> lines;
  for (const auto& run : runs)
    lines.insert(lines.end(), run.begin(), run.end());
  return test::sample_run::text_of(lines);
}

} // namespace

TEST_CASE("jobs without an accepted verdict are to be run again") {
  test::scratch_directory scratch;
  auto plan = plan_retry(scratch.write("r", test::sample_run{{1, 3}}.text()));
  REQUIRE(plan);
  CHECK(plan->failed == std::vector<std::uint64_t>{1, 3});
  CHECK(plan->accepted == 2);
  CHECK(plan->task.kernel == "count_primes");
  CHECK(plan->task.reduce == reduce_operation::sum);
  CHECK(plan->task.file_name == "sample.toml");
  CHECK(plan->record.source.chunks == 4);
  CHECK_FALSE(plan->has_partial_line);
}

TEST_CASE("jobs that never came to a verdict are to be run too") {
  test::scratch_directory scratch;
  auto lines = test::sample_run{}.lines();
  // Killed after the second job's receipts.
  lines.resize(8);
  auto plan =
    plan_retry(scratch.write("r", test::sample_run::text_of(lines) + "{\"ki"));
  REQUIRE(plan);
  CHECK(plan->failed == std::vector<std::uint64_t>{1, 2, 3});
  CHECK(plan->has_partial_line);
}

TEST_CASE("what a later run accepted need not be run again") {
  test::scratch_directory scratch;
  test::sample_run first{{1, 3}};
  test::sample_run second{{0, 2, 3}};
  auto lines = second.lines();
  lines.front()["source"]["only"] = {1, 3};
  auto path = scratch.write("r", joined({first.lines(), lines}));
  auto plan = plan_retry(path);
  REQUIRE(plan);
  CHECK(plan->failed == std::vector<std::uint64_t>{3});
  CHECK(plan->record.source.only.empty());
  auto gathered = gather_outputs(path, reduce_operation::sum);
  REQUIRE(gathered);
  // 10 + 12 of the first run, 11 of the second.
  CHECK(as_text((*gathered)->finish()) == "33");
}

TEST_CASE("jobs that left files are done like others") {
  test::scratch_directory scratch;
  auto path = scratch.write("r", test::sample_run{{1}, {0, 1, 2}}.text());
  auto plan = plan_retry(path);
  REQUIRE(plan);
  CHECK(plan->failed == std::vector<std::uint64_t>{1});
  auto gathered = gather_outputs(path, reduce_operation::sum);
  REQUIRE(gathered);
  CHECK(as_text((*gathered)->finish()) == "35");
}

TEST_CASE("a task that puts nothing together has no outputs to gather") {
  test::scratch_directory scratch;
  auto path = scratch.write("r", test::sample_run{}.text());
  auto gathered = gather_outputs(path, reduce_operation::none);
  REQUIRE(gathered);
  CHECK(*gathered == nullptr);
}

TEST_CASE("an output that is needed and not in the file is told") {
  test::scratch_directory scratch;
  auto lines = test::sample_run{}.lines();
  lines[4].erase("output");
  auto gathered =
    gather_outputs(scratch.write("r", test::sample_run::text_of(lines)),
                   reduce_operation::sum);
  REQUIRE_FALSE(gathered);
  CHECK(gathered.error().code == errc::not_found);
  CHECK(gathered.error().message.find(":5: ") != std::string::npos);
}

TEST_CASE("changed files and files of other tasks are refused") {
  test::scratch_directory scratch;
  auto text = test::sample_run{{1}}.text();
  auto at = text.find("chunk 0");
  text[at] = 'C';
  CHECK(plan_retry(scratch.write("changed", text)).error().code
        == errc::bad_signature);

  auto other = test::sample_run{}.lines();
  other.front()["source"]["last"] = 99;
  CHECK(plan_retry(
          scratch.write("mixed", joined({test::sample_run{}.lines(), other})))
          .error()
          .code
        == errc::invalid_argument);

  CHECK(plan_retry(scratch.write("empty", "")).error().code == errc::not_found);

  auto huge = test::sample_run{}.lines();
  huge.front()["source"]["last"] = 1'000'000'000'000;
  huge.front()["source"]["chunks"] = 1'000'000'000'000;
  CHECK(plan_retry(scratch.write("huge", test::sample_run::text_of(huge)))
          .error()
          .code
        == errc::malformed);

  auto odd = test::sample_run{}.lines();
  odd.front()["text"] = "[code]\nkernel = 3\n";
  CHECK(plan_retry(scratch.write("odd", test::sample_run::text_of(odd)))
          .error()
          .code
        == errc::malformed);
}

TEST_CASE("inputs that changed since are told, those of other jobs are not "
          "looked at") {
  test::scratch_directory scratch;
  task_source source;
  source.kind = source_kind::files;
  source.files = {{scratch.write("a", "12345").string(), 5},
                  {scratch.write("b", "12345").string(), 4},
                  {(scratch.path() / "gone").string(), 1}};
  CHECK(check_inputs(source, {0}));
  CHECK(check_inputs(source, {0, 1}).error().code == errc::invalid_argument);
  CHECK(check_inputs(source, {2}).error().code == errc::not_found);
  source.kind = source_kind::lines;
  source.files.resize(1);
  CHECK(check_inputs(source, {0, 7}));
}
