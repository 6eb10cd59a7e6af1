// Hands a task to a node of this process, and waits for what becomes of it.
#pragma once

#include "actors/messages.hpp"
#include "runtime/launch/event_observer.hpp"
#include "runtime/launch/task_network.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <stop_token>

namespace artel::runtime {

/// unreachable where the node does not answer.
result<task_accepted> submit_to(caf::actor_system& system,
                                const node_actor& node, const submission& task,
                                const observer_actor& observer, bool plan_only);

/// Both wait to the end, and listen to the sink meanwhile: one task at a time.
plan_report plan_at(caf::actor_system& system, const node_actor& node,
                    const submission& task, const observer_actor& observer,
                    event_sink& sink);
task_report run_at(caf::actor_system& system, const node_actor& node,
                   const submission& task, const observer_actor& observer,
                   event_sink& sink, event_handler on_event,
                   const std::stop_token& stop);

} // namespace artel::runtime
