// Bids for, admits, queues and executes others' jobs. Whatever arrives twice is
// done once; a result is kept and sent again until its owner has it.
#pragma once

#include "actors/blob_fetches.hpp"
#include "actors/bundle_cache.hpp"
#include "actors/defaults.hpp"
#include "actors/environment.hpp"
#include "actors/flush_pace.hpp"
#include "actors/input_fetcher.hpp"
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
  /// Where inputs may come from addresses outside the network; null: they
  /// come from nodes alone.
  std::shared_ptr<input_fetcher> inputs;
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
  void on_link(const peer_ready& message);
  void on_link_gone(const node_id& node);
  void on_network_changed(const network_changed& message);
  void on_source(source_fetched& message);
  void on_sweep();
  void send_gathered();
  worker_status status() const;
  void drain();
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

  /// Task ids are what their requesters say: who knows another's can't take
  /// the name of its attempts.
  struct held_id {
    node_id requester;
    wire::attempt_ref attempt;

    auto operator<=>(const held_id&) const = default;
  };

  /// One attempt this worker holds.
  struct held_job {
    stage at = stage::queued;
    std::shared_ptr<const task_terms> terms;
    /// Without its data where these are a blob.
    job_input input;
    hash256 input_hash;
    blob_ref input_blob;
    /// On the node's shelf for as long as the job is here.
    std::shared_ptr<const blob_content> input_content;
    /// Asked of an address outside the network, and not answered yet.
    bool at_source = false;
    /// What of it counts in input_bytes_.
    std::uint64_t counted_bytes = 0;
    std::stop_source stop;
    instant since{};
    /// From stage::finished on.
    wire::job_result_entry result;
    /// What result.output_blob names, until the owner has it.
    std::shared_ptr<const blob_content> output_content;
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

  /// What is known of one requester, oldest first out: what we bid it, by
  /// task, and its ended attempts, to know late assignments.
  struct requester_record {
    std::map<task_id, credits> prices;
    std::deque<task_id> order;
    std::set<wire::attempt_ref> ended;
    std::deque<wire::attempt_ref> ended_order;
  };

  struct slot {
    executor_actor executor;
    /// Handed over, in this order.
    std::deque<held_id> runs;
  };

  void on_bid_request(const remote_node& from,
                      const wire::bid_request& request);
  std::string refusal_of(const wire::bid_request& request) const;
  requester_record& record_of(const node_id& requester);
  void remember_bid(const node_id& requester, const wire::bid& answer);
  bool has_bid(const node_id& requester, const task_terms& terms) const;
  void on_assign(const remote_node& from, wire::job_assign& message);
  result<void> check_admission(const remote_node& from, const task_terms& terms,
                               const wire::job_assignment& job);
  void admit(const remote_node& from, const std::shared_ptr<const task_terms>&,
             wire::job_assignment& job, const hash256& input_hash,
             const std::vector<node_id>& holders);
  void on_cancel(const wire::job_cancel& message, const node_id& from);
  void on_result_ack(const wire::job_result_ack& message, const node_id& from);
  void hand_back(const held_id& id, errc code, std::string reason);
  void forget(const held_id& id);

  // What jobs need before they can run (worker_blobs.cpp).
  void gather_needs(const held_id& id, held_job& held,
                    std::vector<std::string> addresses,
                    const std::vector<node_id>& holders);
  void want_input(const held_id& id, held_job& held,
                  const std::vector<node_id>& holders);
  bool ask_source(const blob_ref& blob, std::vector<std::string> addresses);
  std::vector<node_id> sources_of(const node_id& requester,
                                  const std::vector<node_id>& holders) const;
  bool has_all(const held_job& held);
  void queue(const held_id& id, held_job& held);
  void follow_fetches();
  void send_requests(blob_fetches& fetches);
  void on_piece(const node_id& from, const wire::blob_piece& piece);
  void on_bundle_fetched(blob_fetches::ended& fetched);
  void on_input_fetched(const blob_ref& blob, bytes content);
  void on_input_missed(const blob_ref& blob, const failure& problem);
  void advance_waiting();
  void count_input(held_job& held, std::uint64_t size_bytes);
  void release_input(held_job& held);
  void rest_unneeded();

  // Runs and results (worker_runs.cpp).
  void dispatch();
  void hand_over(const held_id& id, slot& target);
  void put_output(held_job& held, sandbox::run_result& run);
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
  /// The network's; zero until a config says more.
  credits price_floor_;
  bundle_cache bundles_{defaults::bundle_cache_bytes};
  reputation_book book_;
  /// Apart for each requester: whatever others ask for, with whichever task's
  /// id, changes nothing for it. Oldest first out.
  std::map<node_id, requester_record> requesters_;
  std::deque<node_id> requester_order_;

  std::map<held_id, held_job> jobs_;
  std::deque<held_id> queue_;
  std::vector<slot> slots_;
  std::map<node_id, owner_record> owners_;
  /// Every node that there is a link to.
  std::map<node_id, remote_node> linked_;

  blob_fetches bundle_fetches_{limits::bundle_bytes_max,
                               defaults::bundle_fetch_bytes};
  blob_fetches input_fetches_{limits::input_bytes_max,
                              defaults::input_fetch_bytes};
  /// Bundles of jobs that are here, for other workers.
  std::map<hash256, std::shared_ptr<const blob_content>> served_bundles_;
  /// Of inputs that wait.
  std::uint64_t input_bytes_ = 0;
  /// Inputs that are asked for at addresses outside, and their bytes.
  std::set<blob_ref> at_source_;
  std::uint64_t source_bytes_ = 0;

  microseconds mean_run_time_{1'000'000};
  flush_pace pace_;
  bool sweep_armed_ = false;
  bool draining_ = false;
  std::uint64_t completed_ = 0;
  std::uint64_t failed_ = 0;
};

worker_actor::behavior_type make_worker(worker_actor_state::pointer self,
                                        worker_config config);

} // namespace artel
