#include "protocol/task/reduce_planner.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

using namespace artel;

namespace {

using finished = std::pair<std::uint64_t, bytes>;

bytes map_output(std::uint64_t index) {
  // Every third lacks its newline, every fifth is empty.
  if (index % 5 == 4)
    return {};
  return to_bytes("out" + std::to_string(index) + (index % 3 == 0 ? "" : "\n"));
}

/// What joining all map outputs directly would give.
bytes joined(std::uint64_t map_jobs) {
  bytes all;
  for (std::uint64_t i = 0; i < map_jobs; ++i) {
    auto output = map_output(i);
    all.insert(all.end(), output.begin(), output.end());
    if (!output.empty() && output.back() != '\n')
      all.push_back('\n');
  }
  return all;
}

/// Runs a task whose reduce program prints its input, jobs ending in an order
/// drawn at random; gives each reduce job's input.
std::map<std::uint64_t, bytes> run(std::uint64_t map_jobs, std::uint32_t fan_in,
                                   random_generator& random) {
  reduce_planner planner{map_jobs, fan_in};
  std::vector<finished> ends;
  for (std::uint64_t i = 0; i < map_jobs; ++i)
    ends.emplace_back(i, map_output(i));
  std::map<std::uint64_t, bytes> inputs;
  while (!ends.empty()) {
    REQUIRE_FALSE(planner.final_output().has_value());
    std::swap(ends.back(), ends[random.below(ends.size())]);
    auto [index, output] = std::move(ends.back());
    ends.pop_back();
    auto before = planner.waiting_bytes();
    // What comes on top of an output is a missing newline at most.
    auto grown = output.size() + 1;
    auto ready = planner.on_output(index, std::move(output));
    planner.check_invariants();
    REQUIRE(ready.ok());
    REQUIRE(planner.waiting_bytes() <= before + grown);
    if (!*ready)
      continue;
    auto& job = **ready;
    REQUIRE(job.input.kind == input_kind::data);
    REQUIRE(job.input.name == "input");
    REQUIRE(planner.waiting_bytes() + job.input.data.size() <= before + grown);
    REQUIRE(inputs.emplace(job.index, job.input.data).second);
    ends.emplace_back(job.index, std::move(job.input.data));
  }
  REQUIRE(planner.final_output().has_value());
  CHECK(*planner.final_output() == joined(map_jobs));
  CHECK(planner.waiting_bytes() == 0);
  CHECK(inputs.size() == planner.job_count());
  CHECK(inputs.begin()->first == map_jobs);
  CHECK(inputs.rbegin()->first == map_jobs + planner.job_count() - 1);
  return inputs;
}

} // namespace

TEST_CASE("Outputs are joined in groups, level by level") {
  reduce_planner planner{3, 2};
  auto ready_after = [&](std::uint64_t index, std::string_view output) {
    auto ready = planner.on_output(index, to_bytes(output));
    planner.check_invariants();
    REQUIRE(ready.ok());
    if (!*ready)
      return std::string{"nothing"};
    return std::to_string((*ready)->index) + ": "
           + std::string{as_text((*ready)->input.data)};
  };
  // The last group has one member and is reduced all the same.
  CHECK(ready_after(2, "c\n") == "4: c\n");
  CHECK(ready_after(1, "b\n") == "nothing");
  CHECK(ready_after(0, "a\n") == "3: a\nb\n");
  CHECK(ready_after(4, "C\n") == "nothing");
  CHECK(ready_after(3, "AB\n") == "5: AB\nC\n");
  CHECK(ready_after(5, "ABC\n") == "nothing");
  CHECK(as_text(*planner.final_output()) == "ABC\n");
}

TEST_CASE("The number of reduce jobs follows from map jobs and fan-in") {
  CHECK(reduce_planner{1, 2}.job_count() == 1);
  CHECK(reduce_planner{2, 2}.job_count() == 1);
  CHECK(reduce_planner{3, 2}.job_count() == 2 + 1);
  CHECK(reduce_planner{16, 16}.job_count() == 1);
  CHECK(reduce_planner{17, 16}.job_count() == 2 + 1);
  CHECK(reduce_planner{1000, 10}.job_count() == 100 + 10 + 1);
  CHECK(reduce_planner{limits::jobs_per_task_max, UINT32_MAX}.job_count() == 1);
}

TEST_CASE("Reducing in any order equals joining all outputs directly") {
  for (std::uint64_t map_jobs = 1; map_jobs <= 40; ++map_jobs) {
    for (std::uint32_t fan_in : {2, 3, 4, 7, 16, 50}) {
      CAPTURE(map_jobs);
      CAPTURE(fan_in);
      auto random = random_generator::from_number(map_jobs * 100 + fan_in);
      auto inputs = run(map_jobs, fan_in, random);
      // The tree is the same whatever the order.
      CHECK(run(map_jobs, fan_in, random) == inputs);
    }
  }
  auto random = random_generator::from_number(1);
  run(1000, 16, random);
}

TEST_CASE("Outputs that come in order are freed as they are handed on") {
  reduce_planner planner{1'000, 10};
  bytes output(100, 'x');
  std::uint64_t most = 0;
  for (std::uint64_t i = 0; i < 1'000; ++i) {
    auto ready = planner.on_output(i, output);
    REQUIRE(ready.ok());
    REQUIRE(ready->has_value() == (i % 10 == 9));
    most = std::max(most, planner.waiting_bytes());
  }
  CHECK(most == 9 * 101);
  CHECK(planner.waiting_bytes() == 0);
  planner.check_invariants();
}

TEST_CASE("Only text outputs get the newline they lack") {
  reduce_planner planner{5, 5};
  auto binary = std::string{"\0b", 2};
  REQUIRE(planner.on_output(0, to_bytes("text")).ok());
  REQUIRE(planner.on_output(1, to_bytes(binary)).ok());
  REQUIRE(planner.on_output(2, {}).ok());
  REQUIRE(planner.on_output(3, to_bytes("line\n")).ok());
  auto ready = planner.on_output(4, to_bytes("end"));
  REQUIRE(ready.ok());
  REQUIRE(ready->has_value());
  CHECK((*ready)->index == 5);
  CHECK(as_text((*ready)->input.data) == "text\n" + binary + "line\nend\n");
}

TEST_CASE("An index that is unknown, repeated or not ready is refused") {
  reduce_planner planner{3, 2};
  auto message_of = [&](std::uint64_t index) {
    auto waiting = planner.waiting_bytes();
    auto refused = planner.on_output(index, to_bytes("x"));
    planner.check_invariants();
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::invalid_state);
    CHECK(planner.waiting_bytes() == waiting);
    return refused.error().message;
  };
  CHECK(message_of(6) == "job 6 isn't one of the task's 6 map and reduce jobs");
  CHECK(message_of(UINT64_MAX).find("isn't one of") != std::string::npos);
  CHECK(message_of(3)
        == "reduce job 3 isn't ready: it still waits for outputs");
  REQUIRE(planner.on_output(0, to_bytes("a")).ok());
  CHECK(message_of(0) == "job 0 has given its output before");
  REQUIRE(planner.on_output(1, to_bytes("b")).ok());
  CHECK(message_of(1) == "job 1 has given its output before");
  REQUIRE(planner.on_output(3, to_bytes("ab")).ok());
  CHECK(message_of(3) == "job 3 has given its output before");
  CHECK(message_of(5).find("isn't ready") != std::string::npos);
  REQUIRE(planner.on_output(2, to_bytes("c")).ok());
  REQUIRE(planner.on_output(4, to_bytes("c")).ok());
  CHECK_FALSE(planner.final_output().has_value());
  REQUIRE(planner.on_output(5, to_bytes("abc")).ok());
  CHECK(as_text(*planner.final_output()) == "abc");
  CHECK(message_of(5) == "job 5 has given its output before");
  CHECK(as_text(*planner.final_output()) == "abc");
}

TEST_CASE("A group's input beyond a job's limit is refused, nothing changed") {
  reduce_planner planner{2, 2};
  REQUIRE(planner.on_output(0, to_bytes("first\n")).ok());
  // As text it gets a newline, and that one byte is too much.
  bytes text(limits::input_bytes_max - 6, 'x');
  auto refused = planner.on_output(1, text);
  REQUIRE_FALSE(refused.ok());
  CHECK(refused.error().code == errc::limit_exceeded);
  CHECK(refused.error().message.find("reduce job 2") != std::string::npos);
  planner.check_invariants();
  CHECK(planner.waiting_bytes() == 6);
  text.back() = '\n';
  auto ready = planner.on_output(1, std::move(text));
  REQUIRE(ready.ok());
  REQUIRE(ready->has_value());
  CHECK((*ready)->input.data.size() == limits::input_bytes_max);
}
