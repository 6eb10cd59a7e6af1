#include "runtime/sim/swarm/plan_run.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/sim/swarm/plan_truth.hpp"

#include <algorithm>
#include <set>
#include <utility>

namespace artel::sim {

namespace {

/// Does to a world what its plan says. Once calm() was called, what is still to
/// come does not happen any more.
class plan_driver {
public:
  plan_driver(const world_plan& plan, const run_options& options);

  plan_outcome run();

private:
  static world_options world_options_of(const world_plan& plan,
                                        const run_options& options);

  /// At a time of the plan, unless the faults have stopped by then.
  void at(milliseconds when, stage::action what);
  void after(milliseconds span, stage::action what);

  void add_node(const planned_node& node);
  void start(const planned_task& task);
  void start(const planned_fault& fault);
  void start_on_node(const planned_fault& fault, node_index node);
  void start_partition(const planned_fault& fault);
  void start_between(const planned_fault& fault, node_index a, node_index b);
  void set_links(const planned_fault& fault, const link_profile& links);

  bool is_all_over() const;
  drive_end drive();
  void check_results(plan_outcome& outcome) const;
  void check_result(const planned_task& planned, const simulated_task& task,
                    plan_outcome& outcome) const;
  void count(plan_outcome& outcome) const;

  const world_plan& plan_;
  const run_options& options_;
  world world_;
  bool is_calm_ = false;
  std::size_t submitted_ = 0;
  std::set<std::string> refused_;
};

plan_driver::plan_driver(const world_plan& plan, const run_options& options)
  : plan_(plan),
    options_(options),
    world_(world_options_of(plan, options)) {
  if (options.on_world)
    options.on_world(world_);
  if (options.listener)
    world_.listen(options.listener);
}

world_options plan_driver::world_options_of(const world_plan& plan,
                                            const run_options& options) {
  world_options made;
  made.seed = plan.seed;
  made.links = plan.links;
  made.crypto = plan.crypto;
  made.step_limit = options.step_limit;
  return made;
}

void plan_driver::at(milliseconds when, stage::action what) {
  world_.at(when, [this, what = std::move(what)] {
    if (!is_calm_)
      what();
  });
}

void plan_driver::after(milliseconds span, stage::action what) {
  if (span.count() == 0)
    return;
  world_.after(span, [this, what = std::move(what)] {
    if (!is_calm_)
      what();
  });
}

// -- what happens -------------------------------------------------------------

/// Steps that no longer apply (a node that is down already) are passed over.
void pass_over(const result<void>& outcome) {
  static_cast<void>(outcome.ok());
}

void plan_driver::add_node(const planned_node& node) {
  auto options = options_of(node);
  if (!node.shares_owner_of.empty())
    options.same_owner_as = world_.find_node(node.shares_owner_of);
  static_cast<void>(world_.add_node(std::move(options)).ok());
}

void plan_driver::start(const planned_task& task) {
  ++submitted_;
  auto owner = world_.find_node(task.owner);
  if (!owner || !world_.submit(*owner, {spec_of(task), {}}, task.name)) {
    refused_.insert(task.name);
    return;
  }
  if (task.cancelled > task.when)
    after(task.cancelled - task.when, [this, &task] {
      if (auto number = world_.find_task(task.name))
        world_.cancel(*number);
    });
}

void plan_driver::start(const planned_fault& fault) {
  if (fault.kind == fault_kind::partition)
    return start_partition(fault);
  if (fault.kind == fault_kind::link_change) {
    set_links(fault, fault.links);
    return after(fault.span, [this, &fault] { set_links(fault, plan_.links); });
  }
  std::vector<node_index> nodes;
  for (const auto& name : fault.nodes)
    if (auto found = world_.find_node(name))
      nodes.push_back(*found);
  if (nodes.size() == 1)
    start_on_node(fault, nodes[0]);
  if (nodes.size() == 2)
    start_between(fault, nodes[0], nodes[1]);
}

void plan_driver::start_on_node(const planned_fault& fault, node_index node) {
  switch (fault.kind) {
    case fault_kind::crash:
    case fault_kind::power_loss:
      pass_over(world_.kill(node, fault.kind == fault_kind::crash
                                    ? crash_kind::process
                                    : crash_kind::power));
      after(fault.span, [this, node] { pass_over(world_.restart(node)); });
      break;
    case fault_kind::pause:
      pass_over(world_.pause(node));
      after(fault.span, [this, node] { pass_over(world_.resume(node)); });
      break;
    case fault_kind::behaviour: {
      auto before = world_.node(node).options.how;
      world_.set_behaviour(node, fault.how);
      after(fault.span,
            [this, node, before] { world_.set_behaviour(node, before); });
      break;
    }
    default: break;
  }
}

void plan_driver::start_partition(const planned_fault& fault) {
  std::set<node_index> from;
  std::set<node_index> to;
  for (node_index index = 0; index < world_.node_count(); ++index) {
    const auto& name = world_.node(index).options.name;
    auto is_inside = std::find(fault.nodes.begin(), fault.nodes.end(), name)
                     != fault.nodes.end();
    (is_inside ? from : to).insert(index);
  }
  if (from.empty() || to.empty())
    return;
  auto made =
    world_.net().partition(std::move(from), std::move(to), fault.one_way);
  after(fault.span, [this, made] { world_.net().heal(made); });
}

void plan_driver::start_between(const planned_fault& fault, node_index a,
                                node_index b) {
  if (fault.kind == fault_kind::link_break)
    world_.net().break_links(a, b);
  if (fault.kind != fault_kind::clog)
    return;
  world_.net().clog(a, b);
  after(fault.span, [this, a, b] { world_.net().unclog(a, b); });
}

void plan_driver::set_links(const planned_fault& fault,
                            const link_profile& links) {
  if (fault.nodes.empty())
    return world_.net().set_standard(links);
  auto a = world_.find_node(fault.nodes[0]);
  auto b = world_.find_node(fault.nodes[1]);
  if (!a || !b)
    return;
  world_.net().set_profile(*a, *b, links);
  world_.net().set_profile(*b, *a, links);
}

// -- the run ------------------------------------------------------------------

bool plan_driver::is_all_over() const {
  if (submitted_ < plan_.tasks.size())
    return false;
  for (task_number i = 0; i < world_.task_count(); ++i)
    if (!world_.task(i).is_over())
      return false;
  return true;
}

drive_end plan_driver::drive() {
  for (const auto& node : plan_.nodes) {
    if (node.joins.count() == 0)
      add_node(node);
    else
      at(node.joins, [this, &node] { add_node(node); });
  }
  for (const auto& task : plan_.tasks)
    at(task.when, [this, &task] { start(task); });
  for (const auto& fault : plan_.faults)
    at(fault.when, [this, &fault] { start(fault); });
  // Nothing is left to go wrong once no task runs.
  auto ended = world_.run_until([this] { return is_all_over(); }, plan_.span,
                                options_.stop);
  if (ended != drive_end::reached && ended != drive_end::timed_out)
    return ended;
  is_calm_ = true;
  return world_.settle(settle_bound_of(plan_), options_.stop);
}

plan_outcome plan_driver::run() {
  plan_outcome outcome;
  outcome.end = drive();
  outcome.hash = world_.history().hash();
  outcome.steps = world_.steps();
  outcome.simulated = world_.elapsed();
  outcome.violations = world_.violations();
  check_results(outcome);
  if (outcome.end == drive_end::step_limit)
    outcome.violations.push_back({world_.elapsed(), world_.steps(),
                                  "step limit",
                                  "the world has not come to its end"});
  count(outcome);
  return outcome;
}

void plan_driver::check_results(plan_outcome& outcome) const {
  for (const auto& planned : plan_.tasks) {
    auto number = world_.find_task(planned.name);
    if (number && is_truth_certain(plan_, planned))
      check_result(planned, world_.task(*number), outcome);
  }
}

void plan_driver::check_result(const planned_task& planned,
                               const simulated_task& task,
                               plan_outcome& outcome) const {
  if (!task.report || task.report->state != task_state::completed)
    return;
  auto truth = options_.truth ? options_.truth(planned) : true_result(planned);
  if (!truth)
    return;
  ++outcome.results_checked;
  std::string given{as_text(task.report->result)};
  if (given != *truth)
    outcome.violations.push_back({task.ended, world_.steps(), "wrong result",
                                  "task '" + planned.name + "' gave "
                                    + artel::quoted(given) + "; the truth is "
                                    + *truth});
}

void plan_driver::count(plan_outcome& outcome) const {
  const auto& history = world_.history();
  auto initial = static_cast<std::uint64_t>(
    std::count_if(plan_.nodes.begin(), plan_.nodes.end(),
                  [](const auto& one) { return one.joins.count() == 0; }));
  for (auto number = 1; number <= static_cast<int>(fault_kind::join);
       ++number) {
    auto kind = static_cast<fault_kind>(number);
    auto times = history.count(kind);
    if (kind == fault_kind::join)
      times -= std::min(times, initial);
    if (times > 0)
      outcome.faults[std::string{to_string(kind)}] = times;
  }
  for (auto number = 1; number <= static_cast<int>(frame_fate::held);
       ++number) {
    auto fate = static_cast<frame_fate>(number);
    if (auto times = history.count(fate); times > 0)
      outcome.frames[std::string{to_string(fate)}] = times;
  }
  for (task_number i = 0; i < world_.task_count(); ++i)
    ++outcome.tasks[std::string{world_.task(i).status()}];
  if (!refused_.empty())
    outcome.tasks["owner down"] = refused_.size();
  outcome.jobs_completed = world_.checks().jobs_completed();
  outcome.jobs_failed = world_.checks().jobs_failed();
}

std::string counts_text(const std::map<std::string, std::uint64_t>& counts) {
  std::string text;
  for (const auto& [name, times] : counts)
    text += (text.empty() ? "" : ", ") + std::to_string(times) + " " + name;
  return text.empty() ? "none" : text;
}

} // namespace

std::string_view to_string(frame_fate fate) noexcept {
  switch (fate) {
    case frame_fate::sent: return "sent";
    case frame_fate::duplicated: return "duplicated";
    case frame_fate::lost: return "lost";
    case frame_fate::blocked: return "blocked";
    case frame_fate::held: return "held";
  }
  return "unknown";
}

plan_outcome run_plan(const world_plan& plan, const run_options& options) {
  return plan_driver{plan, options}.run();
}

std::string to_text(const plan_outcome& outcome) {
  auto ms = std::chrono::duration_cast<milliseconds>(outcome.simulated).count();
  auto thousandths = std::to_string(1'000 + ms % 1'000).substr(1);
  auto text = "hash " + hash_text(outcome.hash) + ", "
              + std::to_string(ms / 1'000) + "." + thousandths
              + " s simulated, " + std::to_string(outcome.steps) + " steps\n";
  text += "faults: " + counts_text(outcome.faults) + "\n";
  text += "frames: " + counts_text(outcome.frames) + "\n";
  text += "tasks: " + counts_text(outcome.tasks)
          + "; jobs: " + std::to_string(outcome.jobs_completed) + " completed, "
          + std::to_string(outcome.jobs_failed) + " failed; results checked: "
          + std::to_string(outcome.results_checked) + "\n";
  for (const auto& one : outcome.violations)
    text += "failed: " + to_string(one) + "\n";
  if (outcome.end == drive_end::interrupted)
    text += "interrupted\n";
  return text;
}

} // namespace artel::sim
