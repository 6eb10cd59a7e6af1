// Bids for, admits, queues and executes others' jobs. Whatever arrives twice is
// done once; a result is kept and sent again until its owner has it.
#pragma once

#include "actors/bundle_cache.hpp"
#include "actors/defaults.hpp"
#include "actors/environment.hpp"
#include "actors/flush_pace.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/reputation/reputation_book.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <stop_token>
#include <string>
#include <vector>

namespace artel {

struct worker_config {
  environment_ptr environment;
  observer_actor observer;
  /// What the node offers; `slots` executors are started.
  wire::capabilities offer;
  /// Whether this machine runs such bundles; unset: it runs all.
  std::function<result<void>(const code_ref&, const execution_limits&)> admits;
  /// Where fetched bundles are kept for later starts; may be null.
  std::shared_ptr<bundle_storage> bundles;
  /// Starts the executor of a slot; called again where one has died.
  std::function<executor_actor(caf::actor_system&, std::size_t slot)> executors;
};

class worker_actor_state {
public:
  static inline const char* name = "worker";

  using pointer = worker_actor::stateful_pointer<worker_actor_state>;

  void start(pointer self, worker_config config);
  void on_message(peer_message& message);
  void on_started(const run_started& message);
  void on_finished(run_finished& message);
  void on_owner_gone(const node_id& node);
  void on_sweep();
  void send_gathered();
  void stop();

  /// Attempts of others that it has: fetching, waiting, running, or ended and
  /// not acknowledged yet.
  std::size_t held_jobs() const noexcept { return jobs_.size(); }

private:
  enum class stage : std::uint8_t {
    fetching,
    queued,
    handed_over,
    running,
    finished,
  };

  /// One attempt this worker holds.
  struct held_job {
    stage at = stage::queued;
    node_id owner;
    std::shared_ptr<const task_terms> terms;
    job_input input;
    hash256 input_hash;
    std::stop_source stop;
    instant since{};
    /// From stage::finished on.
    wire::job_result_entry result;
    instant finished{};
    instant resend_at{};
    milliseconds resend_after = defaults::heartbeat_interval;
  };

  /// A node whose jobs we hold, and what to tell it at the end of the turn.
  struct owner_record {
    remote_node remote;
    std::vector<wire::attempt_ref> acks;
    std::vector<wire::attempt_ref> results;
  };

  /// What we bid one requester, by task; oldest first out.
  struct bid_record {
    std::map<task_id, credits> prices;
    std::deque<task_id> order;
  };

  struct slot {
    executor_actor executor;
    /// Handed over, in this order.
    std::deque<wire::attempt_ref> runs;
  };

  void on_bid_request(const remote_node& from,
                      const wire::bid_request& request);
  std::string refusal_of(const wire::bid_request& request) const;
  void remember_bid(const node_id& requester, const wire::bid& answer);
  bool has_bid(const node_id& requester, const task_terms& terms) const;
  void on_assign(const remote_node& from, wire::job_assign& message);
  void admit(const remote_node& from, const std::shared_ptr<const task_terms>&,
             wire::job_assignment& job, const hash256& input_hash);
  void on_cancel(const wire::job_cancel& message, const node_id& from);
  void on_result_ack(const wire::job_result_ack& message, const node_id& from);
  void on_piece(const remote_node& from, const wire::bundle_piece& piece);
  void hand_back(const wire::attempt_ref& attempt, errc code,
                 std::string reason);
  void forget(const wire::attempt_ref& attempt);
  void dispatch();
  void hand_over(const wire::attempt_ref& attempt, slot& target);
  void on_executor_down(const caf::down_msg& down);
  void send_results(owner_record& owner);
  void send_heartbeats(instant now);
  void resend_results(instant now);
  void gather();
  void arm_sweep();
  void warn(std::string message);
  owner_record& owner_of(const remote_node& from);

  pointer self_ = nullptr;
  worker_config config_;
  bundle_cache bundles_{defaults::bundle_cache_bytes};
  reputation_book book_;
  /// Apart for each requester: whatever others ask for, with whichever task's
  /// id, changes nothing for it. Oldest first out.
  std::map<node_id, bid_record> bids_;
  std::deque<node_id> requester_order_;

  std::map<wire::attempt_ref, held_job> jobs_;
  std::deque<wire::attempt_ref> queue_;
  std::vector<slot> slots_;
  std::map<node_id, owner_record> owners_;
  /// Ended attempts, to know late assignments.
  std::set<wire::attempt_ref> ended_;
  std::deque<wire::attempt_ref> ended_order_;

  microseconds mean_run_time_{1'000'000};
  flush_pace pace_;
  bool sweep_armed_ = false;
};

worker_actor::behavior_type make_worker(worker_actor_state::pointer self,
                                        worker_config config);

} // namespace artel
