#include "runtime/net/in_place_unit.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_system.hpp>
#include <caf/mailbox_element.hpp>
#include <caf/scheduler/abstract_coordinator.hpp>

#include <utility>

namespace artel::runtime {

in_place_unit::in_place_unit(caf::actor_system& system)
  : caf::execution_unit(&system) {
}

void in_place_unit::run(caf::abstract_actor& target,
                        caf::mailbox_element_ptr message,
                        std::size_t messages_max) {
  enqueuing_ = true;
  target.enqueue(std::move(message), this);
  enqueuing_ = false;
  auto ready = std::exchange(ready_, nullptr);
  if (!ready)
    return;
  // As the scheduler's workers do; `ready` holds a reference.
  switch (ready->resume(this, messages_max)) {
    case caf::resumable::resume_later:
      system().scheduler().enqueue(ready);
      break;
    case caf::resumable::awaiting_message:
    case caf::resumable::done:
    case caf::resumable::shutdown_execution_unit:
      caf::intrusive_ptr_release(ready);
      break;
  }
}

void in_place_unit::exec_later(caf::resumable* ready) {
  if (enqueuing_ && !ready_)
    ready_ = ready;
  else
    system().scheduler().enqueue(ready);
}

} // namespace artel::runtime
