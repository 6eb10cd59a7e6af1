// What a node answers when its operator asks how it is: plain data, for people
// and programs.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/economy/payment_claim.hpp"
#include "protocol/governance/network_config.hpp"
#include "protocol/wire/messages.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

/// What a peer sent that was dropped, by reason, and what went either way.
struct peer_counters {
  std::uint64_t malformed = 0;
  std::uint64_t replayed = 0;
  std::uint64_t forged = 0;
  /// Results of attempts that nobody waits for any more.
  std::uint64_t late = 0;
  /// Came before the other side's greeting.
  std::uint64_t early = 0;
  /// Over its rate.
  std::uint64_t throttled = 0;
  /// Ours, dropped because the link could not take them.
  std::uint64_t overflowed = 0;
  std::uint64_t messages_in = 0;
  std::uint64_t messages_out = 0;
  std::uint64_t bytes_in = 0;
  std::uint64_t bytes_out = 0;
};

inline void add(peer_counters& sum, const peer_counters& more) noexcept {
  sum.malformed += more.malformed;
  sum.replayed += more.replayed;
  sum.forged += more.forged;
  sum.late += more.late;
  sum.early += more.early;
  sum.throttled += more.throttled;
  sum.overflowed += more.overflowed;
  sum.messages_in += more.messages_in;
  sum.messages_out += more.messages_out;
  sum.bytes_in += more.bytes_in;
  sum.bytes_out += more.bytes_out;
}

/// How one link is.
struct peer_status {
  node_id node;
  owner_id owner;
  std::string display_name;
  wire::node_role role = wire::node_role::public_;
  std::string address;
  bool outbound = false;
  /// The handshake is done, and it was admitted.
  bool ready = false;
  microseconds latency{0};
  /// Since it is ready.
  microseconds age{0};
  /// Since anything came from it.
  microseconds silence{0};
  peer_counters counters;
};

struct worker_status {
  std::uint32_t slots = 0;
  std::uint32_t running = 0;
  std::uint32_t queued = 0;
  /// Results that their owners do not have yet.
  std::uint32_t unclaimed = 0;
  std::uint64_t completed = 0;
  std::uint64_t failed = 0;
  bool draining = false;
};

/// How a node is.
struct node_status {
  node_id node;
  owner_id owner;
  std::string display_name;
  wire::node_role role = wire::node_role::public_;
  std::string network;
  std::uint64_t config_version = 0;
  bool draining = false;
  /// False on nodes that run no jobs.
  bool works = false;
  worker_status worker;
  std::vector<peer_status> peers;
  std::uint64_t known_addresses = 0;
  std::uint64_t tasks = 0;
  /// What others say they owe, by task; signed, not yet witnessed.
  std::vector<payment_claim> claims;
  /// Of links that are gone, and of those that are there.
  peer_counters counters;
  std::uint64_t links_refused = 0;
};

/// Why a worker is, or is not, given jobs of a task.
enum class candidate_state : std::uint8_t {
  /// Was asked for a bid, and has not answered.
  silent = 1,
  /// Answered that it won't; see `reason`.
  declined = 2,
  /// Takes jobs, and has room.
  available = 3,
  /// Takes jobs, and has as many as it should.
  full = 4,
  /// Fell silent with jobs; asked again later.
  suspected = 5,
  /// Its link is gone.
  gone = 6,
  /// Never asked: the task's own owner.
  own = 7,
};

std::string_view to_string(candidate_state state) noexcept;

struct candidate_status {
  node_id node;
  owner_id owner;
  std::string display_name;
  candidate_state state = candidate_state::silent;
  /// In words: the refusal, how long it is suspected for.
  std::string reason;
  credits price_per_job;
  /// By the task's strategy; see worker_score().
  std::int64_t score = 0;
  ppm reputation{500'000};
  microseconds latency{0};
  std::uint32_t in_flight = 0;
  std::uint32_t capacity = 0;
};

/// One attempt of a job in flight.
struct attempt_status {
  node_id node;
  std::string display_name;
  std::uint32_t attempt = 0;
};

struct open_job_status {
  std::uint64_t job = 0;
  microseconds age{0};
  std::vector<attempt_status> placed;
  /// In words, where it waits for a worker: which were excluded and why.
  std::string waits_for;
};

/// Why a task is where it is.
struct task_explanation {
  task_id task;
  std::string name;
  /// "bidding", "running", ...
  std::string phase;
  /// The one sentence that answers the question.
  std::string summary;
  std::uint64_t jobs = 0;
  std::uint64_t jobs_done = 0;
  std::uint64_t jobs_failed = 0;
  std::uint64_t jobs_open = 0;
  std::vector<candidate_status> candidates;
  /// The oldest, at most 20.
  std::vector<open_job_status> open_jobs;
};

} // namespace artel
