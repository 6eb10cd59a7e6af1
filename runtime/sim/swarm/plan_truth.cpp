#include "runtime/sim/swarm/plan_truth.hpp"

#include "protocol/core/units.hpp"
#include "runtime/config/units_text.hpp"

#include <algorithm>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

namespace artel::sim {

namespace {

bool is_prime(std::uint64_t number) {
  if (number < 2)
    return false;
  for (std::uint64_t factor = 2; factor * factor <= number; ++factor)
    if (number % factor == 0)
      return false;
  return true;
}

__extension__ using wide = unsigned __int128;

/// Ranges longer than this are not computed here.
constexpr std::uint64_t numbers_max = 10'000'000;

std::string decimal(wide number) {
  std::string digits;
  do {
    digits += static_cast<char>('0' + static_cast<int>(number % 10));
    number /= 10;
  } while (number > 0);
  std::reverse(digits.begin(), digits.end());
  return digits;
}

/// Nothing where it leaves 128 bits.
std::optional<wide> polynomial_at(const std::vector<std::uint64_t>& factors,
                                  std::uint64_t x) {
  wide value = 0;
  for (auto at = factors.rbegin(); at != factors.rend(); ++at)
    if (__builtin_mul_overflow(value, wide{x}, &value)
        || __builtin_add_overflow(value, wide{*at}, &value))
      return std::nullopt;
  return value;
}

std::optional<std::string>
true_sum(const planned_task& task,
         const std::function<std::optional<wide>(std::uint64_t)>& value_at) {
  if (task.last - task.first >= numbers_max)
    return std::nullopt;
  wide sum = 0;
  for (auto x = task.first; x <= task.last; ++x) {
    auto value = value_at(x);
    if (!value || __builtin_add_overflow(sum, *value, &sum))
      return std::nullopt;
  }
  return decimal(sum);
}

std::optional<std::string> true_polynomial_sum(const planned_task& task) {
  std::vector<std::uint64_t> factors;
  for (const auto& argument : task.arguments) {
    auto factor = runtime::parse_whole_number(argument);
    if (!factor)
      return std::nullopt;
    factors.push_back(*factor);
  }
  return true_sum(
    task, [&factors](std::uint64_t x) { return polynomial_at(factors, x); });
}

/// Who may give a wrong answer that is taken for one.
struct liar_groups {
  /// Nodes that lie alone, each in its own way. (Nodes of one owner have one
  /// voice; they are counted apart.)
  std::set<std::string> alone;
  /// By ring.
  std::map<std::uint32_t, std::set<std::string>> rings;
};

void add(liar_groups& groups, const std::string& node, const behaviour& how) {
  if (how.lies == lie_kind::colluding)
    groups.rings[how.ring].insert(node);
  else if (how.lies != lie_kind::never || how.answers_twice || how.forges)
    groups.alone.insert(node);
}

liar_groups liars_of(const world_plan& plan) {
  liar_groups groups;
  for (const auto& node : plan.nodes)
    add(groups, node.name, node.how);
  for (const auto& fault : plan.faults)
    if (fault.kind == fault_kind::behaviour && !fault.nodes.empty())
      add(groups, fault.nodes.front(), fault.how);
  return groups;
}

/// Equal answers that the smallest verdict needs.
std::uint64_t quorum(const planned_task& task) {
  auto share = static_cast<std::uint64_t>(task.agreement_ppm);
  return (share * task.replicas + ppm_one - 1) / ppm_one;
}

} // namespace

std::optional<std::string> true_result(const planned_task& task) {
  if (task.kernel == "noop" && task.reduce == reduce_operation::count)
    return std::to_string(
      std::min<std::uint64_t>(task.jobs, task.last - task.first + 1));
  if (task.kernel == "min" && task.reduce == reduce_operation::min)
    return std::to_string(task.first);
  if (task.kernel == "max" && task.reduce == reduce_operation::max)
    return std::to_string(task.last);
  if (task.reduce != reduce_operation::sum)
    return std::nullopt;
  if (task.kernel == "count_primes")
    return true_sum(
      task, [](std::uint64_t x) { return wide{is_prime(x) ? 1u : 0u}; });
  if (task.kernel == "sum")
    return true_sum(task, [](std::uint64_t x) { return wide{x}; });
  if (task.kernel == "sum_polynomial")
    return true_polynomial_sum(task);
  return std::nullopt;
}

bool is_truth_certain(const world_plan& plan, const planned_task& task) {
  auto groups = liars_of(plan);
  // One of a ring that lies in a way of its own at another time is counted in
  // both.
  std::uint64_t largest = groups.alone.empty() ? 0 : 1;
  for (const auto& [ring, members] : groups.rings)
    largest = std::max<std::uint64_t>(largest, members.size());
  return largest < quorum(task);
}

} // namespace artel::sim
