#include "runtime/sim/swarm/shrink.hpp"

#include <doctest/doctest.h>

#include <algorithm>

using namespace artel;
using namespace artel::sim;

namespace {

world_plan large_plan() {
  plan_options options;
  options.nodes = 12;
  options.faults = fault_level::heavy;
  return make_plan(5, options);
}

bool has_crash(const world_plan& plan) {
  return std::any_of(plan.faults.begin(), plan.faults.end(),
                     [](auto& one) { return one.kind == fault_kind::crash; });
}

} // namespace

TEST_CASE("shrinking leaves what the failure needs, and nothing else") {
  auto plan = large_plan();
  REQUIRE(has_crash(plan));
  REQUIRE(plan.tasks.size() > 0);
  // It takes a crash, and a task of three jobs at least.
  auto fails = [](const world_plan& one) {
    return has_crash(one) && !one.tasks.empty() && one.tasks[0].jobs >= 3;
  };
  REQUIRE(fails(plan));
  auto outcome = shrink(plan, fails);
  CHECK(outcome.is_smallest);
  REQUIRE(outcome.plan.faults.size() == 1);
  CHECK(outcome.plan.faults[0].kind == fault_kind::crash);
  REQUIRE(outcome.plan.tasks.size() == 1);
  CHECK(outcome.plan.tasks[0].jobs == 3);
  CHECK(outcome.plan.tasks[0].cancelled.count() == 0);
  CHECK(outcome.plan.links.loss.value == 0);
  // The owner of the task, and who crashes.
  CHECK(outcome.plan.nodes.size() <= 2);
  for (const auto& node : outcome.plan.nodes)
    CHECK(node.how.is_honest());
}

TEST_CASE("shrinking keeps misbehaviour that the failure needs") {
  auto plan = large_plan();
  for (auto& node : plan.nodes)
    node.how.silent = true;
  auto count = [](const world_plan& one) {
    return std::count_if(one.nodes.begin(), one.nodes.end(),
                         [](auto& node) { return node.how.silent; });
  };
  auto outcome = shrink(plan, [&](const auto& one) { return count(one) >= 3; });
  CHECK(outcome.plan.nodes.size() == 3);
  CHECK(outcome.plan.tasks.empty());
  CHECK(outcome.plan.faults.empty());
}

TEST_CASE("shrinking makes no more tries than it may, and stops when told") {
  auto plan = large_plan();
  std::uint64_t calls = 0;
  shrink_options options;
  options.tries_max = 7;
  auto outcome = shrink(
    plan,
    [&](const world_plan&) {
      ++calls;
      return false;
    },
    options);
  CHECK(calls == 7);
  CHECK(outcome.tries == 7);
  CHECK_FALSE(outcome.is_smallest);
  CHECK(outcome.plan == plan);

  options.stopped = [] { return true; };
  calls = 0;
  shrink(
    plan, [&](const world_plan&) { return ++calls > 0; }, options);
  CHECK(calls == 0);
}

TEST_CASE("without a node there is nothing left that names it") {
  auto plan = large_plan();
  plan.nodes[3].shares_owner_of = plan.nodes[2].name;
  auto name = plan.nodes[2].name;
  planned_fault halves;
  halves.kind = fault_kind::partition;
  halves.nodes = {name, plan.nodes[3].name};
  planned_fault broken;
  broken.kind = fault_kind::link_break;
  broken.nodes = halves.nodes;
  plan.faults = {halves, broken};
  plan.tasks[0].owner = name;
  auto tasks = plan.tasks.size();
  auto left = without_node(plan, name);
  CHECK(left.nodes.size() == 11);
  CHECK(left.nodes[2].shares_owner_of.empty());
  CHECK(left.tasks.size() < tasks);
  REQUIRE(left.faults.size() == 1);
  CHECK(left.faults[0].nodes == std::vector{left.nodes[2].name});
}
