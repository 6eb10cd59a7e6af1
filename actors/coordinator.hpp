// One task from plan to report: asks for bids, prices, holds credits, feeds a
// bounded window of jobs, aggregates what is verified, settles.
//
//   bidding --bids in--> holding --credits held--> running
//   running --all jobs ended--> closing --escrow closed--> reported
//   bidding --plan only, or a problem--> reported
//   any --cancel, deadline, too many failures--> closing
#pragma once

#include "actors/coordinator_explanation.hpp"
#include "actors/environment.hpp"
#include "actors/flush_pace.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "protocol/core/random.hpp"
#include "protocol/economy/pricing.hpp"
#include "protocol/reputation/reputation_book.hpp"
#include "protocol/scheduling/worker_table.hpp"
#include "protocol/task/aggregator.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "protocol/task/reduce_planner.hpp"
#include "protocol/task/task_machine.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace artel {

struct coordinator_config {
  environment_ptr environment;
  node_actor node;
  ledger_actor ledger;
  task_id task;
  submit_task submission;
  /// Peers to ask for bids, and what the owner thinks of their owners.
  std::vector<remote_node> peers;
  reputation_book book;
  std::uint64_t random_seed = 0;
  /// Set where the ledger is this node's own: payees are told by claims.
  claim_sender_actor claim_sender;
  /// The node keeps links by itself: wait a while for workers to appear.
  bool awaits_peers = false;
  /// The network's, as far as the node knows it; network_changed brings others.
  credits price_floor;
};

class coordinator_actor_state {
public:
  static inline const char* name = "coordinator";

  using pointer = coordinator_actor::stateful_pointer<coordinator_actor_state>;

  coordinator_actor_state();

  void start(pointer self, coordinator_config config);
  void on_peer_ready(const remote_node& peer);
  void on_peer_gone(const peer_gone& message);
  void on_network_changed(const network_changed& message);
  void on_bid(const wire::bid& offer);
  void on_place_wanted(place_replica& message);
  void on_replica_closed(const replica_closed& message);
  void on_job_ended(job_ended& message);
  void on_job_down(const caf::down_msg& down);
  void on_sweep();
  void on_deliver_events();
  void cancel();
  /// Why the task is where it is (coordinator_view.cpp).
  task_explanation explain() const;

  /// Of all it consists of; asserts. O(workers and jobs in flight).
  void check_invariants() const;

private:
  using phase = task_phase;

  struct bidder {
    remote_node remote;
    std::optional<wire::bid> offer;
    /// Times that it fell silent with replicas of ours.
    std::uint32_t losses = 0;
    /// Not asked for a bid before.
    instant ask_after{};
    /// First asked.
    instant asked{};
    /// Why it last handed an attempt back; shortened.
    std::string refusal;
  };

  /// An owner's word for a worker that took part, also once it is gone.
  struct worker_certificate {
    owner_certificate item;
    std::string worker_name;
    /// It is among the events.
    bool told = false;
  };

  struct placed_attempt {
    node_id node;
    std::uint32_t attempt = 0;
  };

  /// A worker whose link is gone.
  struct gone_worker {
    remote_node remote;
    std::string reason;
  };

  /// What an owner has earned in this task.
  struct owed_amount {
    credits amount;
    std::uint64_t jobs = 0;
    /// Nodes that earned some of it since they were last told.
    std::set<node_id> untold;
  };

  /// A job in flight.
  struct open_job {
    job_actor actor;
    instant started{};
    std::string input_name;
    /// Replicas of it that run: what is freed when it ends.
    std::vector<placed_attempt> placed;
    /// Owners whose answers the job has.
    std::vector<owner_id> answered;
  };

  struct waiting_replica {
    place_replica request;
    instant since{};
  };

  // Plan and price (coordinator.cpp).
  void ask(const remote_node& peer);
  void ask_again(instant now);
  void suspect(const node_id& node);
  wire::bid_request bid_request() const;
  std::uint64_t map_jobs() const;
  void query_accounts();
  void close_bidding_if_complete();
  bool awaits_workers() const;
  std::size_t owners_offering() const;
  void close_bidding();
  price_request terms_of_price() const;
  result<credits> usual_price() const;
  result<credits> price_ceiling() const;
  credits choose_price() const;
  std::string why_too_few() const;
  plan_report make_plan();
  void hold_credits_for(const plan_report& plan);
  void begin_running();
  void admit_worker(const bidder& candidate);
  void on_late_bid(bidder& candidate);
  void remember_gone(const peer_gone& message, const bidder& one);
  wall_time wall_now() const;

  // Jobs (coordinator_jobs.cpp).
  void fill_window();
  std::size_t window() const;
  bool may_start() const;
  bool start_next();
  bool place_all(std::vector<placement>& placements);
  void start_job(std::uint64_t index, job_input input, std::string input_name,
                 std::shared_ptr<const task_terms> terms,
                 std::vector<placement> placements);
  milliseconds patience_for(const std::vector<owner_id>& excluded) const;
  void serve_waiting(instant now);
  void exclude_holders(const open_job& job,
                       std::vector<owner_id>& excluded) const;
  const worker_view* place_one(const job_outbox::wanted_replica& wanted);
  void note_holder(const node_id& node, const hash256& bundle);
  void forget_holder(const node_id& node);
  node_list holders_of(const code_ref& code) const;
  const code_ref& code_of(std::uint64_t job) const;
  void free_worker(open_job& job, const node_id& node, microseconds run_time);
  result<void> combine(std::uint64_t index, const bytes& output);
  void take_output(std::uint64_t index, const bytes& output);
  void fail_without_run(std::uint64_t index, const std::string& input_name,
                        const failure& problem);
  void end_task(bool expired);
  void stop_task(failure problem);
  void finish_if_done();

  // Events and reports (coordinator_report.cpp).
  void record_attempts(const job_ended& ended);
  void record_verdict(const job_ended& ended, const std::string& input_name);
  void push_event(event one);
  void send_events();
  void push_progress(instant now);
  void sign_verdicts(std::vector<event>& events) const;
  void certify(const node_id& node);
  void push_claims(instant now);
  void settle_claims_and_report();
  void close_escrow_and_report();
  void query_final_balance();
  void report();
  failure failed_jobs_problem() const;
  node_report& report_of(const node_id& node);

  // What is going on (coordinator_view.cpp).
  candidate_view view_of(const bidder& one) const;
  job_view view_of(std::uint64_t index, const open_job& job) const;
  std::vector<candidate_view> candidate_views() const;
  std::vector<job_view> job_views() const;

  pointer self_ = nullptr;
  coordinator_config config_;
  random_generator random_;
  phase phase_ = phase::bidding;
  instant started_{};
  instant bid_deadline_{};
  instant last_asked_{};

  std::map<node_id, bidder> bidders_;
  /// The task owner's, which are never asked.
  std::map<node_id, remote_node> own_nodes_;
  /// The latest.
  std::deque<gone_worker> gone_;
  /// Peers came while bids were gathered: the network is still growing.
  bool peers_appear_ = false;
  bool accounts_known_ = false;
  std::vector<failure> problems_;
  credits price_;
  credits hold_;
  std::shared_ptr<const task_terms> terms_;
  std::shared_ptr<const task_terms> reduce_terms_;
  job_policy policy_;

  std::optional<chunk_plan> chunks_;
  std::optional<reduce_planner> reducer_;
  std::unique_ptr<aggregator> aggregate_;
  std::optional<task_machine> machine_;
  worker_table workers_;
  escrow_actor escrow_;

  /// How many of the chunks to run were started.
  std::uint64_t next_chunk_ = 0;
  std::deque<reduce_planner::reduce_job> ready_reduces_;
  std::map<std::uint64_t, open_job> open_jobs_;
  std::list<waiting_replica> waiting_;

  std::vector<event> events_;
  std::vector<observed_outcome> outcomes_;
  flush_pace event_pace_;
  std::size_t batches_unanswered_ = 0;
  instant last_progress_{};

  std::map<node_id, worker_certificate> certificates_;
  std::map<owner_id, owed_amount> owed_;
  instant claims_pushed_{};
  /// Nodes that have a bundle, by its hash; replaced as a whole.
  std::map<hash256, node_list> holders_;

  std::map<node_id, node_report> nodes_;
  task_report report_;
};

coordinator_actor::behavior_type
make_coordinator(coordinator_actor_state::pointer self,
                 coordinator_config config);

} // namespace artel
