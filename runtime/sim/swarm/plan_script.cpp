#include "runtime/sim/swarm/plan_script.hpp"

#include "runtime/config/units_text.hpp"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

namespace artel::sim {

namespace {

/// A moment and what happens then; those of one moment in their order.
using timed_line = std::pair<milliseconds, std::string>;

/// "12.5%": exact.
std::string percent_text(ppm share) {
  constexpr std::int32_t ppm_a_percent = 10'000;
  auto text = std::to_string(share.value / ppm_a_percent);
  auto rest = std::to_string(share.value % ppm_a_percent);
  if (rest != "0") {
    rest.insert(0, 4 - rest.size(), '0');
    rest.erase(rest.find_last_not_of('0') + 1);
    text += "." + rest;
  }
  return text + "%";
}

std::string time_text(milliseconds span) {
  return runtime::time_text(span);
}

std::string shape_text(latency_shape shape) {
  switch (shape) {
    case latency_shape::constant: return "constant";
    case latency_shape::uniform: return "uniform";
    case latency_shape::exponential: return "exponential";
  }
  return "uniform";
}

std::string links_text(const link_profile& links) {
  auto latency = std::chrono::duration_cast<milliseconds>(links.latency);
  auto text =
    " --latency " + time_text(latency) + " --shape " + shape_text(links.shape);
  if (links.loss.value > 0)
    text += " --loss " + percent_text(links.loss);
  if (links.duplication.value > 0)
    text += " --duplication " + percent_text(links.duplication);
  if (links.reordering.value > 0)
    text += " --reordering " + percent_text(links.reordering);
  if (links.bytes_per_second > 0)
    text += " --capacity " + std::to_string(links.bytes_per_second);
  return text;
}

/// "lies always" and the like: all that is not honest.
std::vector<std::string> traits_of(const behaviour& how) {
  std::vector<std::string> traits;
  if (how.lies == lie_kind::always)
    traits.push_back("--lies always");
  if (how.lies == lie_kind::colluding)
    traits.push_back("--lies colluding");
  if (how.lies == lie_kind::sometimes)
    traits.push_back("--lies " + percent_text(how.lie_rate));
  if (how.silent)
    traits.push_back("--silent yes");
  if (how.slowness_permille != 1'000)
    traits.push_back("--slow " + std::to_string(how.slowness_permille / 1'000)
                     + "x");
  if (how.crash_rate.value > 0)
    traits.push_back("--crashes " + percent_text(how.crash_rate));
  if (how.answers_twice)
    traits.push_back("--answers-twice yes");
  if (how.replays)
    traits.push_back("--replays yes");
  if (how.forges)
    traits.push_back("--forges yes");
  if (how.floods_per_second > 0)
    traits.push_back("--floods " + std::to_string(how.floods_per_second)
                     + "/s");
  return traits;
}

std::string traits_text(const behaviour& how) {
  std::string text;
  for (const auto& trait : traits_of(how))
    text += " " + trait;
  return text;
}

/// What makes a node honest again.
std::string honest_text(const behaviour& how) {
  std::string text;
  for (const auto& trait : traits_of(how)) {
    auto name = trait.substr(0, trait.find(' '));
    text += " " + name
            + (name == "--lies"      ? " never"
               : name == "--slow"    ? " 1x"
               : name == "--crashes" ? " 0%"
               : name == "--floods"  ? " 0/s"
                                     : " no");
  }
  return text;
}

/// A node has an owner of its own where the one that it would share is not
/// there yet when it joins; as plan_run has it.
bool shares_owner(const world_plan& plan, const planned_node& node) {
  return std::any_of(
    plan.nodes.begin(), plan.nodes.end(), [&node](const auto& one) {
      return one.name == node.shares_owner_of && one.joins <= node.joins;
    });
}

std::string node_text(const world_plan& plan, const planned_node& node) {
  auto text = "node add " + node.name + " --role "
              + (node.is_client ? "client" : "public") + " --credits "
              + std::to_string(node.credits) + " --cpu "
              + std::to_string(node.cores);
  if (node.cpu_score != 1'000)
    text += " --score " + std::to_string(node.cpu_score);
  if (shares_owner(plan, node))
    text += " --owner " + node.shares_owner_of;
  return text;
}

std::string task_text(const planned_task& task) {
  std::string reduce{to_string(task.reduce)};
  auto text = "job submit --as " + task.owner + " --name " + task.name
              + " --kernel " + task.kernel;
  for (const auto& argument : task.arguments)
    text += " --kernel-arg " + argument;
  text += " --range " + std::to_string(task.first) + ".."
          + std::to_string(task.last) + " --chunks " + std::to_string(task.jobs)
          + " --reduce " + reduce + " --replicas "
          + std::to_string(task.replicas) + " --estimate "
          + time_text(task.estimate) + " --timeout " + time_text(task.wall_time)
          + " --max-attempts " + std::to_string(task.attempts_max);
  if (task.deadline.count() > 0)
    text += " --deadline " + time_text(task.deadline);
  return text;
}

/// "a,b".
std::string joined(const std::vector<std::string>& names) {
  std::string text;
  for (const auto& name : names)
    text += (text.empty() ? "" : ",") + name;
  return text;
}

class script_writer {
public:
  explicit script_writer(const world_plan& plan) : plan_(plan) {}

  std::string write();

private:
  void add(milliseconds when, std::string line) {
    lines_.emplace_back(when, std::move(line));
  }
  void add(const planned_fault& fault);
  /// Of its end, where it has one.
  void add_end(const planned_fault& fault, std::string line) {
    if (fault.span.count() > 0)
      add(fault.when + fault.span, std::move(line));
  }
  void add_node(const planned_node& node);

  const world_plan& plan_;
  std::vector<timed_line> lines_;
};

void script_writer::add_node(const planned_node& node) {
  add(node.joins, node_text(plan_, node));
  if (auto traits = traits_text(node.how); !traits.empty())
    add(node.joins, "node set " + node.name + traits);
}

void script_writer::add(const planned_fault& fault) {
  auto names = joined(fault.nodes);
  auto pair = fault.nodes.size() == 2 ? fault.nodes[0] + " " + fault.nodes[1]
                                      : std::string{"all"};
  switch (fault.kind) {
    case fault_kind::crash:
      add(fault.when, "node kill " + names);
      add_end(fault, "node restart " + names);
      break;
    case fault_kind::power_loss:
      add(fault.when, "node kill " + names + " --power");
      add_end(fault, "node restart " + names);
      break;
    case fault_kind::pause:
      add(fault.when, "node pause " + names);
      add_end(fault, "node resume " + names);
      break;
    case fault_kind::partition:
      add(fault.when,
          "net partition " + names + (fault.one_way ? " --one-way" : ""));
      add_end(fault, "net heal " + names);
      break;
    case fault_kind::clog:
      add(fault.when, "net clog " + pair);
      add_end(fault, "net unclog " + pair);
      break;
    case fault_kind::link_change:
      add(fault.when, "net set " + pair + links_text(fault.links));
      add_end(fault, "net set " + pair + links_text(plan_.links));
      break;
    case fault_kind::link_break: add(fault.when, "net break " + pair); break;
    case fault_kind::behaviour:
      add(fault.when, "node set " + names + traits_text(fault.how));
      add_end(fault, "node set " + names + honest_text(fault.how));
      break;
    default: break;
  }
}

std::string script_writer::write() {
  for (const auto& node : plan_.nodes)
    add_node(node);
  for (const auto& task : plan_.tasks) {
    add(task.when, task_text(task));
    if (task.cancelled.count() > 0)
      add(task.cancelled, "job cancel " + task.name);
  }
  for (const auto& fault : plan_.faults)
    add(fault);
  std::stable_sort(
    lines_.begin(), lines_.end(),
    [](const auto& a, const auto& b) { return a.first < b.first; });
  auto text =
    "world --seed " + std::to_string(plan_.seed) + links_text(plan_.links)
    + (plan_.crypto == signature_kind::modelled ? " --crypto modelled" : "")
    + "\n";
  for (const auto& [when, line] : lines_)
    text +=
      (when.count() > 0 ? "at " + time_text(when) + " " : "") + line + "\n";
  text += "run " + time_text(plan_.span) + "\n";
  return text + "settle within " + time_text(settle_bound_of(plan_)) + "\n";
}

} // namespace

std::string to_script(const world_plan& plan) {
  return script_writer{plan}.write();
}

} // namespace artel::sim
