#include "runtime/sim/swarm/shrink.hpp"

#include <algorithm>
#include <cstddef>
#include <utility>
#include <vector>

namespace artel::sim {

namespace {

class shrinker {
public:
  shrinker(world_plan plan,
           const std::function<bool(const world_plan&)>& still_fails,
           const shrink_options& options)
    : best_(std::move(plan)),
      still_fails_(still_fails),
      options_(options) {}

  shrink_outcome run();

private:
  bool is_over() const {
    return tries_ >= options_.tries_max
           || (options_.stopped && options_.stopped());
  }

  /// Keeps the plan where it still fails.
  bool attempt(world_plan plan);

  /// Leaves parts out, halves first. `parts` counts them in a plan; `without`
  /// gives the plan without those from the first index up to the second.
  template <class Parts, class Without>
  bool reduce(const Parts& parts, const Without& without);

  template <class Change>
  bool change(const Change& what) {
    auto plan = best_;
    what(plan);
    return attempt(std::move(plan));
  }

  bool reduce_faults();
  bool reduce_tasks();
  bool reduce_nodes();
  bool reduce_misbehaviour();
  bool simplify_links();
  bool simplify_tasks();
  bool simplify_jobs(std::size_t task);
  bool simplify_nodes();
  bool simplify_faults();
  bool simplify_span();

  world_plan best_;
  const std::function<bool(const world_plan&)>& still_fails_;
  const shrink_options& options_;
  std::uint64_t tries_ = 0;
  bool was_cut_short_ = false;
};

bool shrinker::attempt(world_plan plan) {
  if (plan == best_)
    return false;
  if (is_over()) {
    was_cut_short_ = true;
    return false;
  }
  ++tries_;
  auto fails = still_fails_(plan);
  if (fails)
    best_ = std::move(plan);
  if (options_.progress)
    options_.progress(best_, tries_);
  return fails;
}

template <class Parts, class Without>
bool shrinker::reduce(const Parts& parts, const Without& without) {
  bool any = false;
  for (auto size = parts(best_); size > 0; size /= 2) {
    for (std::size_t first = 0; first < parts(best_) && !is_over();) {
      auto end = std::min(first + size, parts(best_));
      if (attempt(without(best_, first, end)))
        any = true;
      else
        first += size;
    }
  }
  return any;
}

template <class List>
void cut(List& list, std::size_t first, std::size_t end) {
  list.erase(list.begin() + static_cast<std::ptrdiff_t>(first),
             list.begin() + static_cast<std::ptrdiff_t>(end));
}

bool shrinker::reduce_faults() {
  return reduce([](const auto& plan) { return plan.faults.size(); },
                [](world_plan plan, std::size_t first, std::size_t end) {
                  cut(plan.faults, first, end);
                  return plan;
                });
}

bool shrinker::reduce_tasks() {
  return reduce([](const auto& plan) { return plan.tasks.size(); },
                [](world_plan plan, std::size_t first, std::size_t end) {
                  cut(plan.tasks, first, end);
                  return plan;
                });
}

bool shrinker::reduce_nodes() {
  return reduce([](const auto& plan) { return plan.nodes.size(); },
                [](world_plan plan, std::size_t first, std::size_t end) {
                  for (auto left = end - first; left > 0; --left)
                    if (plan.nodes.size() > 1)
                      plan = without_node(plan, plan.nodes[first].name);
                  return plan;
                });
}

bool shrinker::reduce_misbehaviour() {
  auto liars = [](const world_plan& plan) {
    std::vector<std::size_t> indexes;
    for (std::size_t i = 0; i < plan.nodes.size(); ++i)
      if (!plan.nodes[i].how.is_honest())
        indexes.push_back(i);
    return indexes;
  };
  return reduce([&](const auto& plan) { return liars(plan).size(); },
                [&](world_plan plan, std::size_t first, std::size_t end) {
                  auto indexes = liars(plan);
                  for (auto i = first; i < end; ++i)
                    plan.nodes[indexes[i]].how = {};
                  return plan;
                });
}

// -- making plain -------------------------------------------------------------

bool shrinker::simplify_links() {
  bool any = change([](auto& plan) {
    link_profile plain;
    plain.shape = latency_shape::constant;
    plan.links = plain;
  });
  any |= change([](auto& plan) { plan.links.loss = {}; });
  any |= change([](auto& plan) { plan.links.duplication = {}; });
  any |= change([](auto& plan) { plan.links.reordering = {}; });
  any |= change([](auto& plan) { plan.links.bytes_per_second = 0; });
  any |= change([](auto& plan) { plan.links.shape = latency_shape::constant; });
  return any;
}

/// Fewer jobs: half of them for as long as that does, then one by one. The
/// range goes with them.
bool shrinker::simplify_jobs(std::size_t task) {
  bool any = false;
  auto cut_to = [&](std::uint32_t jobs) {
    return change([&](world_plan& plan) {
      auto& target = plan.tasks[task];
      auto length = target.last - target.first + 1;
      auto a_job = std::max<std::uint64_t>(length / target.jobs, 1);
      target.jobs = jobs;
      target.last = target.first + a_job * jobs - 1;
    });
  };
  while (best_.tasks[task].jobs > 1 && cut_to(best_.tasks[task].jobs / 2))
    any = true;
  while (best_.tasks[task].jobs > 1 && cut_to(best_.tasks[task].jobs - 1))
    any = true;
  return any;
}

bool shrinker::simplify_tasks() {
  bool any = false;
  for (std::size_t i = 0; i < best_.tasks.size(); ++i) {
    any |= simplify_jobs(i);
    auto on_task = [&](auto what) {
      any |= change([&](world_plan& plan) { what(plan.tasks[i]); });
    };
    on_task([](auto& task) { task.cancelled = milliseconds{0}; });
    on_task([](auto& task) { task.deadline = milliseconds{0}; });
    on_task([](auto& task) { task.window = 0; });
    on_task([](auto& task) {
      task.replicas = 1;
      task.replicas_max = std::max(task.replicas, 1u);
    });
    on_task([](auto& task) { task.replicas_max = task.replicas; });
    on_task([](auto& task) { task.urgency = urgency_level::normal; });
    on_task(
      [](auto& task) { task.strategy = placement_strategy::least_loaded; });
    on_task([](auto& task) { task.first = 1, task.last = task.jobs; });
    on_task([](auto& task) { task.when = milliseconds{0}; });
  }
  return any;
}

bool shrinker::simplify_nodes() {
  bool any = false;
  for (std::size_t i = 0; i < best_.nodes.size(); ++i) {
    auto on_node = [&](auto what) {
      any |= change([&](world_plan& plan) { what(plan.nodes[i]); });
    };
    on_node([](auto& node) { node.joins = milliseconds{0}; });
    on_node([](auto& node) { node.shares_owner_of.clear(); });
    on_node([](auto& node) { node.cpu_score = 1'000; });
    on_node([](auto& node) { node.cores = 1; });
  }
  return any;
}

bool shrinker::simplify_faults() {
  bool any = false;
  for (std::size_t i = 0; i < best_.faults.size(); ++i) {
    auto on_fault = [&](auto what) {
      any |= change([&](world_plan& plan) { what(plan.faults[i]); });
    };
    // Until all faults stop: one event less.
    on_fault([](auto& fault) { fault.span = milliseconds{0}; });
    on_fault([](auto& fault) {
      if (fault.kind == fault_kind::power_loss)
        fault.kind = fault_kind::crash;
    });
    on_fault([](auto& fault) { fault.one_way = false; });
    on_fault([](auto& fault) {
      if (fault.kind == fault_kind::partition && fault.nodes.size() > 1)
        fault.nodes.resize(1);
    });
  }
  return any;
}

bool shrinker::simplify_span() {
  bool any = false;
  while (best_.span > milliseconds{1'000}
         && change([](world_plan& plan) { plan.span /= 2; }))
    any = true;
  return any;
}

shrink_outcome shrinker::run() {
  bool any = true;
  while (any && !is_over()) {
    any = reduce_faults();
    any |= reduce_tasks();
    any |= reduce_nodes();
    any |= reduce_misbehaviour();
    any |= simplify_links();
    any |= simplify_tasks();
    any |= simplify_nodes();
    any |= simplify_faults();
    any |= simplify_span();
  }
  return {std::move(best_), tries_, !any && !was_cut_short_};
}

std::string counted(std::size_t number, const std::string& what) {
  return std::to_string(number) + " " + what + (number == 1 ? "" : "s");
}

} // namespace

world_plan without_node(const world_plan& plan, const std::string& name) {
  auto left = plan;
  std::erase_if(left.nodes, [&](const auto& one) { return one.name == name; });
  for (auto& node : left.nodes)
    if (node.shares_owner_of == name)
      node.shares_owner_of.clear();
  std::erase_if(left.tasks, [&](const auto& one) { return one.owner == name; });
  std::erase_if(left.faults, [&](auto& fault) {
    auto gone = std::erase(fault.nodes, name) > 0;
    // A fault needs all that it names; a partition one of them.
    return gone && (fault.kind != fault_kind::partition || fault.nodes.empty());
  });
  return left;
}

shrink_outcome shrink(world_plan plan,
                      const std::function<bool(const world_plan&)>& still_fails,
                      const shrink_options& options) {
  return shrinker{std::move(plan), still_fails, options}.run();
}

std::string size_text(const world_plan& plan) {
  auto liars = static_cast<std::size_t>(
    std::count_if(plan.nodes.begin(), plan.nodes.end(),
                  [](const auto& one) { return !one.how.is_honest(); }));
  std::size_t jobs = 0;
  for (const auto& task : plan.tasks)
    jobs += task.jobs;
  return counted(plan.nodes.size(), "node")
         + (liars > 0 ? " (" + std::to_string(liars) + " not honest)" : "")
         + ", " + counted(plan.tasks.size(), "task") + " with "
         + counted(jobs, "job") + ", " + counted(plan.faults.size(), "fault");
}

} // namespace artel::sim
