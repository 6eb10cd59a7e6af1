// One worker's attempt at a job, seen from the owner: is the assignment
// received, is the worker alive, is there an end.
//
//   assigned --(worker: job_ack)--> acked --(worker: heartbeat)--> running
//   assigned|acked|running --(worker: job_result)--> ended
//   assigned|acked|running --(worker: job_result whose output is a blob)-->
//   fetching --(output here)--> ended
//   assigned|acked|running --(worker: job_fail)--> ended
//   assigned|acked|running|fetching --(owner: lease or, but while fetching,
//   time limit passed)--> lost
//   assigned|acked|running --(owner: job_cancel)--> cancelled
//
// Anything may be lost on the way: assignments are sent again until they are
// acknowledged, and a heartbeat or a result stands for a lost job_ack. What
// comes after a final state changes nothing.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <string_view>

namespace artel {

enum class replica_state : std::uint8_t {
  assigned = 1,
  acked,
  running,
  ended,
  lost,
  cancelled,
  /// It has ended, and its output is on its way.
  fetching,
};

std::string_view to_string(replica_state state) noexcept;
bool is_final(replica_state state) noexcept;

struct replica_timing {
  /// Between sendings of an assignment that is not acknowledged.
  milliseconds resend_interval{100};
  /// Silence after which a worker counts as dead: eight heartbeats missed.
  milliseconds lease{900};
  /// The job's own limit of wall time.
  milliseconds run_limit{10'000};
  /// On top of run_limit, for starting, ending and sending.
  milliseconds grace{2'000};
};

class replica_machine {
public:
  enum class action : std::uint8_t {
    nothing = 1,
    send_assignment,
    /// The attempt is lost: the state is final.
    give_up,
  };

  /// The first assignment is sent at `now` by whoever makes the machine.
  replica_machine(const replica_timing& timing, instant now);

  replica_state state() const noexcept { return state_; }

  /// When the worker was first known to run it; instant{} before.
  instant running_since() const noexcept { return running_since_; }

  void on_ack(instant now);
  void on_heartbeat(instant now, bool running);

  /// A result came whose output is fetched now.
  void on_announced(instant now);

  /// True where this end counts: once, and only before a final state.
  bool on_ended();
  bool on_cancelled();

  /// The worker's link is gone. True where that ends the attempt.
  bool on_unreachable();

  action on_tick(instant now);

  void check_invariants() const;

private:
  replica_timing timing_;
  replica_state state_ = replica_state::assigned;
  instant last_sent_;
  instant last_heard_;
  instant running_since_{};
};

} // namespace artel
