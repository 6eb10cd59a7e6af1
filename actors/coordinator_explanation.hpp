// Says in words why a task is where it is. Pure: from a coordinator's view of
// its task at one moment to a task_explanation, so that every sentence can be
// tested without actors.
#pragma once

#include "actors/status.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/task/task_machine.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace artel {

/// A node as a coordinator knows it.
struct candidate_view {
  node_id node;
  owner_id owner;
  std::string display_name;
  microseconds latency{0};
  /// Of the task's own owner.
  bool own = false;
  bool gone = false;
  /// Its bid is here; `accepted`: it wants to take part.
  bool answered = false;
  bool accepted = false;
  /// A refused bid's reason, a lost link's, or what it last said when it handed
  /// an attempt back.
  std::string words;
  credits price_per_job;
  /// Since it was asked for a bid.
  microseconds asked_for{0};
  /// Times that it fell silent with attempts, and until it is asked again.
  std::uint32_t losses = 0;
  microseconds suspected_for{0};
  std::uint32_t in_flight = 0;
  std::uint32_t capacity = 0;
  std::int64_t score = 0;
  ppm reputation{500'000};
};

/// A replica that waits for a worker.
struct waiting_view {
  std::uint32_t attempt = 0;
  /// Left of the pause after a failure.
  microseconds pause{0};
  /// Owners that failed it before: taken only where there is nobody else.
  std::vector<owner_id> avoided;
};

struct job_view {
  std::uint64_t job = 0;
  microseconds age{0};
  std::vector<attempt_status> placed;
  /// Owners that run it now, and owners whose answers it has.
  std::vector<owner_id> holding;
  std::vector<owner_id> answered;
  /// Excluded by the job itself: they hold or answered it.
  std::vector<owner_id> excluded;
  std::optional<waiting_view> waiting;
};

enum class task_phase : std::uint8_t {
  bidding = 1,
  holding,
  running,
  closing,
  reported,
};

std::string_view to_string(task_phase phase) noexcept;

struct task_view {
  task_id task;
  std::string name;
  task_phase phase = task_phase::bidding;
  task_state state = task_state::pending;
  job_counts jobs;
  std::uint64_t jobs_open = 0;
  std::uint32_t replicas = 0;
  /// What the task pays for a job; zero before it is known.
  credits price;
  /// What the network demands for a job by now.
  credits price_floor;
  /// What is held, or is to be.
  credits hold;
  bool accounts_known = false;
  /// The node keeps looking for peers, and so long still.
  std::optional<microseconds> waits_for_peers;
  /// As many jobs as its window takes are in flight.
  bool window_full = false;
  /// The observer is so far behind that nothing new is started.
  bool observer_behind = false;
  /// The escrow is closed, and payees are to acknowledge their claims.
  bool settling_claims = false;
  std::vector<candidate_view> candidates;
  /// The oldest.
  std::vector<job_view> open_jobs;
  /// How it ended, where it has.
  std::string problem;
};

task_explanation explain(const task_view& view);

/// "850 ms", "3.2 s", "2 min 5 s".
std::string time_text(microseconds duration);

} // namespace artel
