#include "runtime/sim/swarm/plan_faults.hpp"

#include <algorithm>
#include <array>
#include <vector>

namespace artel::sim {

namespace {

/// Names of nodes that are there from the beginning.
std::vector<std::string> names_of(const world_plan& plan, bool with_clients) {
  std::vector<std::string> names;
  for (const auto& node : plan.nodes)
    if (node.joins == milliseconds{0} && (with_clients || !node.is_client))
      names.push_back(node.name);
  return names;
}

class fault_maker {
public:
  fault_maker(plan_draw& draw, fault_level level, const world_plan& plan)
    : draw_(draw),
      level_(level),
      all_(names_of(plan, true)),
      workers_(names_of(plan, false)) {}

  planned_fault make(milliseconds within);

private:
  void set_crash(planned_fault& target);
  void set_partition(planned_fault& target);
  void set_pair(planned_fault& target);
  void set_link_change(planned_fault& target);
  /// Mostly a worker: without its owner a task is not much of a test.
  std::string anybody() {
    return draw_.percent(15) || workers_.empty() ? draw_.pick(all_)
                                                 : draw_.pick(workers_);
  }

  plan_draw& draw_;
  fault_level level_;
  std::vector<std::string> all_;
  std::vector<std::string> workers_;
};

planned_fault fault_maker::make(milliseconds within) {
  planned_fault made;
  made.when = draw_.time(100, static_cast<std::uint64_t>(within.count()));
  auto kind = draw_.number(0, 99);
  if (kind < 30) {
    set_crash(made);
  } else if (kind < 40) {
    made.kind = fault_kind::pause;
    made.nodes = {anybody()};
    made.span = draw_.time(100, 8'000);
  } else if (kind < 58) {
    set_partition(made);
  } else if (kind < 68) {
    made.kind = fault_kind::clog;
    set_pair(made);
    made.span = draw_.time(100, 5'000);
  } else if (kind < 83) {
    set_link_change(made);
  } else if (kind < 93 || workers_.empty()) {
    made.kind = fault_kind::link_break;
    set_pair(made);
  } else {
    made.kind = fault_kind::behaviour;
    made.nodes = {draw_.pick(workers_)};
    made.how = draw_behaviour(draw_);
    made.span = draw_.time(500, 10'000);
  }
  return made;
}

void fault_maker::set_crash(planned_fault& target) {
  target.kind = draw_.percent(50) ? fault_kind::crash : fault_kind::power_loss;
  target.nodes = {anybody()};
  // One in four is not seen again until all faults stop.
  if (!draw_.percent(25))
    target.span = draw_.time(50, 10'000);
}

void fault_maker::set_partition(planned_fault& target) {
  target.kind = fault_kind::partition;
  target.one_way = draw_.percent(30);
  if (draw_.percent(50)) {
    target.nodes = {anybody()};
  } else {
    for (const auto& name : all_)
      if (draw_.percent(50))
        target.nodes.push_back(name);
    if (target.nodes.empty())
      target.nodes = {anybody()};
  }
  if (!draw_.percent(10))
    target.span = draw_.time(100, 10'000);
}

void fault_maker::set_pair(planned_fault& target) {
  auto first = draw_.number(0, all_.size() - 1);
  auto second = draw_.number(0, all_.size() - 2);
  if (second >= first)
    ++second;
  target.nodes = {all_[first], all_[second]};
}

void fault_maker::set_link_change(planned_fault& target) {
  target.kind = fault_kind::link_change;
  if (draw_.percent(60))
    set_pair(target);
  target.links = draw_links(draw_, fault_level::heavy);
  // Where faults are moderate a world is not bad all over.
  if (level_ == fault_level::moderate && target.nodes.empty())
    target.links.loss.value /= 4;
  target.span = draw_.time(500, 10'000);
}

} // namespace

link_profile draw_links(plan_draw& draw, fault_level level) {
  link_profile links;
  links.shape = static_cast<latency_shape>(draw.number(1, 3));
  if (level == fault_level::heavy) {
    links.latency = draw.time(30, 100);
    links.loss = draw.share(300'000);
    links.duplication = draw.share(50'000);
    links.reordering = draw.share(100'000);
  } else {
    links.latency = draw.time(1, 60);
    if (level == fault_level::moderate && draw.percent(50)) {
      links.loss = draw.share(50'000);
      links.duplication = draw.share(10'000);
      links.reordering = draw.share(20'000);
    }
  }
  if (level != fault_level::none && draw.percent(20))
    links.bytes_per_second = draw.number(50'000, 10'000'000);
  return links;
}

behaviour draw_behaviour(plan_draw& draw) {
  behaviour how;
  switch (draw.number(0, 10)) {
    case 0: how.lies = lie_kind::always; break;
    case 1:
      how.lies = lie_kind::sometimes;
      how.lie_rate = draw.percentage();
      break;
    case 2:
    case 3:
      how.lies = lie_kind::colluding;
      how.ring = static_cast<std::uint32_t>(draw.number(1, 3));
      break;
    case 4: how.silent = true; break;
    case 5:
      how.slowness_permille =
        static_cast<std::uint32_t>(draw.number(2, 8) * 1'000);
      break;
    case 6: how.crash_rate = draw.percentage(); break;
    case 7: how.answers_twice = true; break;
    case 8: how.replays = true; break;
    case 9: how.forges = true; break;
    default:
      how.floods_per_second = static_cast<std::uint32_t>(draw.number(1, 50));
  }
  return how;
}

void add_faults(plan_draw& draw, fault_level level, world_plan& plan) {
  auto count =
    level == fault_level::heavy ? draw.number(6, 20) : draw.number(1, 6);
  fault_maker maker{draw, level, plan};
  for (; count > 0; --count)
    plan.faults.push_back(maker.make(plan.span));
  std::stable_sort(
    plan.faults.begin(), plan.faults.end(),
    [](const auto& a, const auto& b) { return a.when < b.when; });
}

} // namespace artel::sim
