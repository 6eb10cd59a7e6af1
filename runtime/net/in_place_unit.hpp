// Runs an actor on the thread that has something for it, instead of waking one
// of the scheduler's: a small message then costs no switch of threads on its
// way in, nor its answer on the way out. For short turns only; who runs is not
// disturbed, since an actor that runs elsewhere just gets the message there.
#pragma once

#include <caf/execution_unit.hpp>
#include <caf/fwd.hpp>
#include <caf/resumable.hpp>

#include <cstddef>

namespace artel::runtime {

/// Of one thread; not copied, as actors that run hold its address.
class in_place_unit final : public caf::execution_unit {
public:
  explicit in_place_unit(caf::actor_system& system);
  in_place_unit(const in_place_unit&) = delete;
  in_place_unit& operator=(const in_place_unit&) = delete;

  /// Enqueues to the target and, unless it runs or waits for its turn
  /// elsewhere, runs it: for so many messages at most; the scheduler goes on.
  void run(caf::abstract_actor& target, caf::mailbox_element_ptr message,
           std::size_t messages_max);

  /// CAF's: the target is ready, or what it sent to is.
  void exec_later(caf::resumable* ready) override;

private:
  /// While the target is being handed its message.
  bool enqueuing_ = false;
  caf::resumable* ready_ = nullptr;
};

} // namespace artel::runtime
