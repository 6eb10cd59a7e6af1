// When to send what has gathered: at once after a pause, else once an interval,
// so that a busy link shares frames and signatures and an idle one does not
// wait.
#pragma once

#include "actors/defaults.hpp"
#include "protocol/core/time.hpp"

#include <optional>
#include <utility>

namespace artel {

class flush_pace {
public:
  /// Something is there to send. The delay after which to flush (zero: in this
  /// turn), or nothing where a flush is coming already.
  std::optional<microseconds> request(instant now) {
    if (std::exchange(pending_, true))
      return std::nullopt;
    auto due = last_ + defaults::flush_interval;
    return due <= now ? microseconds{0}
                      : std::chrono::duration_cast<microseconds>(due - now);
  }

  void on_flush(instant now) {
    pending_ = false;
    last_ = now;
  }

private:
  bool pending_ = false;
  instant last_{};
};

/// Asks `self` to flush when it is due.
template <class Self, class Message>
void schedule_flush(Self* self, flush_pace& pace, instant now,
                    Message message) {
  auto delay = pace.request(now);
  if (!delay)
    return;
  // To the end of the mailbox: what waits there joins in.
  if (delay->count() == 0)
    self->send(self, message);
  else
    self->delayed_send(self, *delay, message);
}

} // namespace artel
