#include "runtime/sim/swarm/world_plan.hpp"

#include "protocol/task/validation.hpp"
#include "runtime/sim/swarm/determinism.hpp"
#include "runtime/sim/swarm/plan_file.hpp"
#include "runtime/sim/swarm/plan_run.hpp"
#include "runtime/sim/swarm/plan_script.hpp"
#include "runtime/sim/swarm/plan_truth.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace artel;
using namespace artel::sim;

namespace {

plan_options heavy() {
  plan_options options;
  options.faults = fault_level::heavy;
  return options;
}

/// A client, three honest workers, and a task of a few jobs.
world_plan small_plan() {
  world_plan plan;
  plan.seed = 3;
  plan.crypto = signature_kind::modelled;
  for (const char* name : {"alice", "worker-1", "worker-2", "worker-3"}) {
    planned_node node;
    node.name = name;
    node.is_client = plan.nodes.empty();
    plan.nodes.push_back(node);
  }
  planned_task task;
  task.name = "primes";
  task.when = milliseconds{1'000};
  task.owner = "alice";
  task.kernel = "count_primes";
  task.first = 1;
  task.last = 100;
  task.jobs = 5;
  task.replicas = 3;
  task.replicas_max = 5;
  plan.tasks.push_back(task);
  return plan;
}

} // namespace

TEST_CASE("the same seed gives the same plan, and another one another") {
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    CHECK(make_plan(seed, heavy()) == make_plan(seed, heavy()));
    CHECK_FALSE(make_plan(seed, heavy()) == make_plan(seed + 1, heavy()));
  }
}

TEST_CASE("plans are sound at any number of nodes and any level of faults") {
  for (auto level :
       {fault_level::none, fault_level::moderate, fault_level::heavy})
    for (std::uint64_t seed = 1; seed <= 100; ++seed) {
      plan_options options;
      options.faults = level;
      if (seed % 2 == 0)
        options.nodes = static_cast<std::uint32_t>(2 + seed % 30);
      auto plan = make_plan(seed, options);
      CAPTURE(seed);
      if (options.nodes)
        CHECK(plan.nodes.size() == *options.nodes);
      for (const auto& task : plan.tasks)
        CHECK(validate(spec_of(task)).empty());
      auto liars =
        std::count_if(plan.nodes.begin(), plan.nodes.end(),
                      [](auto& node) { return !node.how.is_honest(); });
      CHECK(static_cast<std::size_t>(liars) * 3 <= plan.nodes.size());
      if (level == fault_level::none)
        CHECK((liars == 0 && plan.faults.empty()));
      // Everything that is checked of files holds for what is drawn.
      auto again = parse_plan(to_json(plan));
      REQUIRE_MESSAGE(again, (again ? "" : again.error().message));
      CHECK(*again == plan);
    }
}

TEST_CASE("plan files that are wrong are refused with the place") {
  auto text = to_json(small_plan());
  auto refused = [&](const std::string& from, const std::string& to,
                     const std::string& expected) {
    auto changed = text;
    auto at = changed.find(from);
    REQUIRE(at != changed.npos);
    changed.replace(at, from.size(), to);
    auto plan = parse_plan(changed);
    REQUIRE_FALSE(plan.ok());
    CAPTURE(plan.error().message);
    CHECK(plan.error().message.find(expected) != std::string::npos);
  };
  refused("\"owner\": \"alice\"", "\"owner\": \"carol\"", "carol");
  refused("\"name\": \"worker-2\"", "\"name\": \"worker-1\"", "worker-1");
  refused("\"count_primes\"", "\"no_kernel\"", "no_kernel");
  refused("\"seed\": 3", "\"seed\": \"three\"", "seed");
  refused("\"loss_ppm\": 0", "\"loss_ppm\": 1000001", "1000000");
  refused("\"span_ms\"", "\"spam_ms\"", "span_ms");
  refused("\"jobs\": 5", "\"jobs\": 0", "chunks");
  CHECK_FALSE(parse_plan(text.substr(0, text.size() / 2)).ok());
}

TEST_CASE("the truth of a task is what its kernel computes") {
  auto truth = [](const std::string& kernel, reduce_operation reduce,
                  std::vector<std::string> arguments = {}) {
    planned_task task;
    task.kernel = kernel;
    task.reduce = reduce;
    task.arguments = std::move(arguments);
    task.first = 10;
    task.last = 30;
    task.jobs = 4;
    return true_result(task).value_or("unknown");
  };
  CHECK(truth("count_primes", reduce_operation::sum) == "6");
  CHECK(truth("sum", reduce_operation::sum) == "420");
  CHECK(truth("min", reduce_operation::min) == "10");
  CHECK(truth("max", reduce_operation::max) == "30");
  CHECK(truth("noop", reduce_operation::count) == "4");
  // The sum of 1 + 2 x.
  CHECK(truth("sum_polynomial", reduce_operation::sum, {"1", "2"}) == "861");
  CHECK(truth("count_primes", reduce_operation::max) == "unknown");
}

TEST_CASE("the truth is certain while no group of liars makes a quorum") {
  auto plan = small_plan();
  const auto& task = plan.tasks[0];
  CHECK(is_truth_certain(plan, task));
  // Two of three answers decide.
  plan.nodes[1].how.lies = lie_kind::always;
  plan.nodes[2].how.lies = lie_kind::always;
  CHECK(is_truth_certain(plan, task));
  plan.nodes[1].how.lies = lie_kind::colluding;
  plan.nodes[2].how.lies = lie_kind::colluding;
  CHECK_FALSE(is_truth_certain(plan, task));
  plan.nodes[2].how.ring = 1;
  CHECK(is_truth_certain(plan, task));
  plan.tasks[0].replicas = 1;
  CHECK_FALSE(is_truth_certain(plan, task));
}

TEST_CASE("a plan's run completes its task with the true result") {
  auto outcome = run_plan(small_plan());
  CAPTURE(to_text(outcome));
  CHECK_FALSE(outcome.failed());
  CHECK(outcome.tasks
        == std::map<std::string, std::uint64_t>{{"completed", 1}});
  CHECK(outcome.jobs_completed == 5);
  CHECK(outcome.results_checked == 1);
  CHECK(outcome.faults.empty());
}

TEST_CASE("a result that is not the truth breaks a rule") {
  run_options options;
  options.truth = [](const planned_task&) { return std::string{"26"}; };
  auto outcome = run_plan(small_plan(), options);
  REQUIRE(outcome.violations.size() == 1);
  CHECK(outcome.violations[0].rule == "wrong result");
  CHECK(outcome.violations[0].detail.find("25") != std::string::npos);
}

TEST_CASE("a result is not judged where a ring of liars can win") {
  auto plan = small_plan();
  for (auto worker : {1u, 2u, 3u})
    plan.nodes[worker].how.lies = lie_kind::colluding;
  auto outcome = run_plan(plan);
  CHECK(outcome.tasks["completed"] == 1);
  CHECK(outcome.results_checked == 0);
}

TEST_CASE("a world that does not come to its end breaks a rule") {
  run_options options;
  options.step_limit = 500;
  auto outcome = run_plan(small_plan(), options);
  REQUIRE_FALSE(outcome.violations.empty());
  CHECK(outcome.violations.back().rule == "step limit");
}

TEST_CASE("random worlds hold, and give the same hash twice") {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    auto options = heavy();
    options.nodes = 6;
    options.crypto = signature_kind::modelled;
    auto outcome = check_determinism(make_plan(seed, options));
    CAPTURE(seed);
    CAPTURE(to_text(outcome.first));
    CHECK_FALSE(outcome.first.failed());
    CHECK(outcome.first.steps > 100);
    CHECK_FALSE(outcome.divergence.has_value());
  }
}

TEST_CASE("faults happen as they are planned, until all stop") {
  auto plan = small_plan();
  plan.tasks[0].estimate = milliseconds{2'000};
  plan.tasks[0].jobs = 30;
  plan.tasks[0].attempts_max = 8;
  auto add = [&](fault_kind kind, std::vector<std::string> nodes, int when,
                 int span) {
    planned_fault fault;
    fault.kind = kind;
    fault.nodes = std::move(nodes);
    fault.when = milliseconds{when};
    fault.span = milliseconds{span};
    plan.faults.push_back(std::move(fault));
  };
  add(fault_kind::crash, {"worker-1"}, 1'500, 500);
  add(fault_kind::pause, {"worker-2"}, 1'600, 300);
  add(fault_kind::partition, {"worker-3"}, 1'700, 400);
  add(fault_kind::clog, {"alice", "worker-3"}, 2'500, 100);
  add(fault_kind::link_break, {"alice", "worker-2"}, 2'800, 0);
  add(fault_kind::link_change, {}, 2'900, 100);
  auto outcome = run_plan(plan);
  CAPTURE(to_text(outcome));
  CHECK_FALSE(outcome.failed());
  CHECK(outcome.faults["crash"] == 1);
  CHECK(outcome.faults["restart"] == 1);
  CHECK(outcome.faults["pause"] == 1);
  CHECK(outcome.faults["resume"] == 1);
  CHECK(outcome.faults["partition"] == 1);
  // Of the partition, and of the clogged path.
  CHECK(outcome.faults["heal"] == 2);
  CHECK(outcome.faults["clog"] == 1);
  CHECK(outcome.faults["link break"] == 1);
  CHECK(outcome.faults["link change"] == 2);
  CHECK(outcome.frames["blocked"] > 0);
  CHECK(outcome.tasks["completed"] == 1);
}

TEST_CASE("a script names all that a plan has") {
  auto plan = make_plan(5, heavy());
  auto script = to_script(plan);
  for (const auto& node : plan.nodes)
    CHECK(script.find("node add " + node.name + " ") != std::string::npos);
  for (const auto& task : plan.tasks)
    CHECK(script.find("--name " + task.name + " ") != std::string::npos);
  CHECK(script.find("--seed 5 ") != std::string::npos);
}

TEST_CASE("a script names a shared owner only once it is there") {
  auto plan = small_plan();
  plan.nodes[2].joins = milliseconds{2'000};
  plan.nodes[3].shares_owner_of = "worker-2";
  plan.nodes[3].joins = milliseconds{2'000};
  CHECK(to_script(plan).find("--owner worker-2") != std::string::npos);
  plan.nodes[3].joins = milliseconds{1'999};
  CHECK(to_script(plan).find("--owner") == std::string::npos);
}
