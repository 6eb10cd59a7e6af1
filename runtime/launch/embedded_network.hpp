// A network of one client and some workers in this process, over the in-memory
// transport: the same actors as everywhere, with real sandboxes. It is its own
// ledger, so its credits end with it.
#pragma once

#include "actors/events.hpp"
#include "runtime/launch/task_network.hpp"
#include "sandbox/local_executor.hpp"

#include <cstdint>
#include <memory>

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

class embedded_network : public task_network {
public:
  /// sandbox_unavailable only surfaces when a task with a bundle is run.
  /// invalid_argument: no workers, more saboteurs than workers, or more than
  /// 10,000 workers.
  static result<std::unique_ptr<embedded_network>>
  start(const embedded_options& options);
};

} // namespace artel::runtime
