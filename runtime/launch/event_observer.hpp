// The observer actor of programs: calls a function, on a thread of its own,
// with one event after the other.
#pragma once

#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "runtime/launch/task_network.hpp"

#include <caf/actor_system.hpp>

#include <memory>
#include <mutex>

namespace artel::runtime {

/// Who listens at the moment. Thread-safe.
class event_sink {
public:
  explicit event_sink(log_level threshold) : threshold_(threshold) {}

  /// From now on events go here; an empty handler drops them.
  void listen(event_handler handler) {
    std::lock_guard guard{mutex_};
    handler_ = std::move(handler);
  }

  void handle(const event& one) {
    const auto* line = std::get_if<node_logged>(&one);
    if (line != nullptr && line->level < threshold_)
      return;
    std::lock_guard guard{mutex_};
    if (handler_)
      handler_(one);
  }

private:
  log_level threshold_;
  std::mutex mutex_;
  event_handler handler_;
};

/// Ends when its system's actors are sent an exit message.
observer_actor spawn_event_observer(caf::actor_system& system,
                                    std::shared_ptr<event_sink> sink);

} // namespace artel::runtime
