#include "runtime/sim/swarm/trial.hpp"

#include "runtime/sim/swarm/child_process.hpp"
#include "runtime/sim/swarm/determinism.hpp"
#include "runtime/sim/swarm/plan_run.hpp"
#include "runtime/sim/swarm/swarm.hpp"

#include <algorithm>
#include <chrono>

namespace artel::sim {

namespace {

using outcome_type = result<std::optional<trial_failure>>;

/// What the child answers: a rule, and what was found in the lines that follow.
constexpr char all_held = '-';

std::string answer_of(const plan_outcome& outcome,
                      const std::optional<std::string>& divergence) {
  if (outcome.failed())
    return outcome.violations.front().rule + "\n"
           + to_string(outcome.violations.front());
  if (divergence)
    return std::string{rule_diverges} + "\n" + *divergence;
  return {all_held};
}

std::string run(const world_plan& plan, bool check_twice) {
  if (!check_twice)
    return answer_of(run_plan(plan), std::nullopt);
  auto outcome = check_determinism(plan);
  return answer_of(outcome.first, outcome.divergence);
}

outcome_type read_answer(const std::string& answer) {
  if (answer == std::string{all_held})
    return std::optional<trial_failure>{};
  auto end = std::min(answer.find('\n'), answer.size());
  auto rule = answer.substr(0, end);
  return std::optional{
    trial_failure{rule, answer.substr(std::min(end + 1, answer.size())), rule}};
}

outcome_type failed(std::string_view rule, const std::string& detail,
                    const std::string& identity) {
  return std::optional{trial_failure{std::string{rule}, detail, identity}};
}

} // namespace

outcome_type try_plan(const world_plan& plan, const trial_options& options) {
  auto child = child_process::start(
    [&](const std::string&) { return run(plan, options.check_determinism); });
  if (!child)
    return child.error();
  (*child)->send("run");
  constexpr milliseconds look_interval{100};
  auto end = std::chrono::steady_clock::now() + options.guard;
  while (!(*child)->wait(look_interval)) {
    if (options.stopped && options.stopped())
      return {errc::cancelled, "stopped"};
    if (std::chrono::steady_clock::now() >= end)
      return failed(rule_hangs, "it was not done in time",
                    std::string{rule_hangs});
  }
  if (auto answer = (*child)->receive())
    return read_answer(*answer);
  auto how = (*child)->end();
  return failed(rule_crashed, how, how);
}

} // namespace artel::sim
