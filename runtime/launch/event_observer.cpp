#include "runtime/launch/event_observer.hpp"

#include <caf/spawn_options.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

namespace artel::runtime {

namespace {

struct observer_state {
  static inline const char* name = "observer";
};

observer_actor::behavior_type
make_observer(observer_actor::stateful_pointer<observer_state>,
              const std::shared_ptr<event_sink>& sink) {
  return {
    [sink](const event_batch& batch) {
      for (const auto& one : batch.events)
        sink->handle(one);
      return events_taken{};
    },
  };
}

} // namespace

observer_actor spawn_event_observer(caf::actor_system& system,
                                    std::shared_ptr<event_sink> sink) {
  return system.spawn<caf::detached>(make_observer, std::move(sink));
}

} // namespace artel::runtime
