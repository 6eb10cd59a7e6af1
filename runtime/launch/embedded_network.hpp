// A network of one client and some workers in this process, over the in-memory
// transport: the same actors as everywhere, with real sandboxes. It is its own
// ledger, so its credits end with it.
#pragma once

#include "actors/events.hpp"
#include "protocol/task/code_bundle.hpp"
#include "protocol/task/task_spec.hpp"
#include "sandbox/local_executor.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <vector>

namespace artel::runtime {

struct embedded_options {
  std::uint32_t workers = 5;
  /// Of the workers, the last ones answer every job with a made-up output, each
  /// with one of its own.
  std::uint32_t saboteurs = 0;
  /// The client's account; the workers get the newcomer's grant.
  credits client_credits = whole_credits(100);
  /// Sandbox slots over all workers (each has one at least); 0: as many as the
  /// machine has cores.
  std::uint32_t slots = 0;
  /// What the workers run code with, and how much of the machine all of them
  /// may use.
  sandbox::local_config sandbox;
  /// Log lines below this level are not passed on.
  log_level log_threshold = log_level::warning;
};

/// A validated task with what it needs from this machine.
struct submission {
  task_spec spec;
  /// By hash: the code and the reduce step, where they are bundles.
  std::vector<std::shared_ptr<const code_bundle>> bundles;
};

/// Called on one thread of the network, one event after the other, in order.
/// Must not throw. Blocking slows the task down, and loses nothing.
using event_handler = std::function<void(const event&)>;

class embedded_network {
public:
  /// sandbox_unavailable only surfaces when a task with a bundle is run.
  /// invalid_argument: no workers, more saboteurs than workers, or more than
  /// 10,000 workers.
  static result<std::unique_ptr<embedded_network>>
  start(const embedded_options& options);

  virtual ~embedded_network() = default;

  /// Validates, prices and asks for bids; runs nothing, holds nothing.
  virtual plan_report plan(const submission& task) = 0;

  /// Runs to the end. When stop is requested, cancels the jobs, gives back what
  /// is held and returns the report of a cancelled task.
  virtual task_report run(const submission& task, event_handler on_event,
                          std::stop_token stop) = 0;
};

} // namespace artel::runtime
