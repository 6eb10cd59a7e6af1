// A network that runs tasks, as whoever has one to run sees it: in this process
// (embedded_network), or over real links (client_node).
#pragma once

#include "actors/events.hpp"
#include "protocol/task/code_bundle.hpp"
#include "protocol/task/task_spec.hpp"

#include <functional>
#include <memory>
#include <stop_token>
#include <vector>

namespace artel::runtime {

/// A validated task with what it needs from this machine.
struct submission {
  task_spec spec;
  /// By hash: the code and the reduce step, where they are bundles.
  std::vector<std::shared_ptr<const code_bundle>> bundles;
};

/// Called on one thread of the network, one event after the other, in order.
/// Must not throw. Blocking slows the task down, and loses nothing.
using event_handler = std::function<void(const event&)>;

class task_network {
public:
  virtual ~task_network() = default;

  /// Validates, prices and asks for bids; runs nothing, holds nothing.
  virtual plan_report plan(const submission& task) = 0;

  /// Runs to the end. When stop is requested, cancels the jobs, gives back what
  /// is held and returns the report of a cancelled task.
  virtual task_report run(const submission& task, event_handler on_event,
                          std::stop_token stop) = 0;
};

} // namespace artel::runtime
