#include "runtime/launch/task_session.hpp"

#include "actors/answer_error.hpp"
#include "runtime/launch/input_reader.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <condition_variable>
#include <mutex>
#include <optional>
#include <utility>

namespace artel::runtime {

namespace {

/// A bundle of 64 MiB is encoded on the way; thousands of actors may start.
constexpr std::chrono::seconds submit_timeout{60};

/// Collects what a run's events say, and wakes whoever waits for the end.
class run_watch {
public:
  explicit run_watch(event_handler forward) : forward_(std::move(forward)) {}

  void handle(const event& one) {
    if (forward_)
      forward_(one);
    std::lock_guard guard{mutex_};
    if (const auto* planned = std::get_if<task_planned>(&one))
      plan_ = planned->plan;
    else if (const auto* finished = std::get_if<task_finished>(&one))
      report_ = finished->report;
    changed_.notify_all();
  }

  plan_report await_plan() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return plan_.has_value(); });
    return *plan_;
  }

  task_report await_report() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return report_.has_value(); });
    return *report_;
  }

private:
  event_handler forward_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<plan_report> plan_;
  std::optional<task_report> report_;
};

} // namespace

result<task_accepted> submit_to(caf::actor_system& system,
                                const node_actor& node, const submission& task,
                                const observer_actor& observer,
                                bool plan_only) {
  caf::scoped_actor self{system};
  result<task_accepted> accepted{errc::unreachable, "the node did not answer"};
  submit_task message;
  message.spec = task.spec;
  message.bundles = task.bundles;
  message.read_input = read_chunk;
  message.observer = observer;
  message.plan_only = plan_only;
  self->request(node, submit_timeout, std::move(message))
    .receive(
      [&accepted](const task_accepted& answer) { accepted = answer; },
      [&accepted](const caf::error& reason) { accepted = failure_of(reason); });
  return accepted;
}

plan_report plan_at(caf::actor_system& system, const node_actor& node,
                    const submission& task, const observer_actor& observer,
                    event_sink& sink) {
  run_watch watch{{}};
  sink.listen([&watch](const event& one) { watch.handle(one); });
  auto accepted = submit_to(system, node, task, observer, true);
  plan_report plan;
  if (accepted)
    plan = watch.await_plan();
  else
    plan.problems.push_back(accepted.error());
  sink.listen({});
  return plan;
}

task_report run_at(caf::actor_system& system, const node_actor& node,
                   const submission& task, const observer_actor& observer,
                   event_sink& sink, event_handler on_event,
                   const std::stop_token& stop) {
  run_watch watch{std::move(on_event)};
  sink.listen([&watch](const event& one) { watch.handle(one); });
  auto accepted = submit_to(system, node, task, observer, false);
  task_report report;
  if (accepted) {
    std::stop_callback cancel{
      stop,
      [&accepted] { caf::anon_send(accepted->coordinator, cancel_task{}); }};
    report = watch.await_report();
  } else {
    report.name = task.spec.name;
    report.state = task_state::failed;
    report.problem = accepted.error();
  }
  sink.listen({});
  return report;
}

} // namespace artel::runtime
