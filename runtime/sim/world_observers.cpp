// What a world hears of its nodes.
#include "runtime/sim/world.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace artel::sim {

namespace {

struct observer_state {
  static inline const char* name = "observer";
};

using handler = std::function<void(const event&)>;

observer_actor::behavior_type
observe(observer_actor::stateful_pointer<observer_state>, handler handle) {
  return {[handle = std::move(handle)](const event_batch& batch) {
    for (const auto& one : batch.events)
      handle(one);
    return events_taken{};
  }};
}

} // namespace

observer_actor world::make_log_observer() {
  return stage_.system().spawn(
    observe, handler{[this](const event& what) {
      auto node = no_node;
      if (const auto* line = std::get_if<node_logged>(&what))
        node = find_node(line->node_name).value_or(no_node);
      on_event(node, -1, what);
    }});
}

observer_actor world::make_task_observer(task_number number) {
  return stage_.system().spawn(
    observe, handler{[this, number](const event& what) {
      auto& task = tasks_[number];
      if (task.orphaned)
        return;
      on_event(task.owner, static_cast<std::int64_t>(number), what);
      update_task(task, what);
    }});
}

void world::on_event(node_index node, std::int64_t task, const event& what) {
  trace_.add(elapsed(), event_record{node, task, &what});
  if (options_.check)
    monitor_.on_event(node, what);
}

void world::update_task(simulated_task& task, const event& what) {
  if (const auto* planned = std::get_if<task_planned>(&what)) {
    task.plan = planned->plan;
  } else if (const auto* moved = std::get_if<task_progress>(&what)) {
    task.progress = *moved;
  } else if (const auto* finished = std::get_if<task_finished>(&what)) {
    task.report = finished->report;
    task.ended = elapsed();
  } else if (std::holds_alternative<receipt_recorded>(what)) {
    ++task.receipts;
  } else if (std::holds_alternative<verdict_recorded>(what)) {
    ++task.verdicts;
  }
}

} // namespace artel::sim
