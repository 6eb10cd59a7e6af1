// The messages between actors of one node. None of them leaves the process:
// what crosses to another node is an envelope (protocol/wire).
#pragma once

#include "actors/events.hpp"
#include "actors/interfaces.hpp"
#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/units.hpp"
#include "protocol/economy/account_table.hpp"
#include "protocol/reputation/reputation_book.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "protocol/task/code_bundle.hpp"
#include "protocol/task/job_machine.hpp"
#include "protocol/task/task_spec.hpp"
#include "protocol/task/task_terms.hpp"
#include "protocol/wire/envelope.hpp"
#include "sandbox/executor.hpp"

#include <caf/allowed_unsafe_message_type.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace artel {

// -- everywhere ---------------------------------------------------------------

/// Time has passed: look at deadlines.
struct sweep {};
/// Send on what has gathered since.
struct flush {};
struct stop_actor {};

// -- links --------------------------------------------------------------------

/// Names a link within its transport.
using link_id = std::uint64_t;

struct open_link {
  std::string address;
  peer_actor peer;
};

struct attach_link {
  link_id link = 0;
  peer_actor peer;
};

struct send_frame {
  link_id link = 0;
  bytes frame;
};

struct close_link {
  link_id link = 0;
};

struct link_accepted {
  link_id link = 0;
};

struct link_opened {
  link_id link = 0;
};

struct link_closed {
  std::string reason;
};

struct frame_received {
  bytes frame;
};

// -- peers --------------------------------------------------------------------

/// A remote node as others see it: its proxy, and who it proved to be.
struct remote_node {
  node_port port;
  node_id node;
  owner_id owner;
  std::string display_name;
  wire::node_role role = wire::node_role::public_;
  std::string address;
  /// Round trip, as the handshake took.
  microseconds latency{0};
};

struct peer_ready {
  remote_node peer;
};

struct peer_gone {
  /// Zero where the handshake never came to an end.
  node_id node;
  /// Which proxy: of two links to one node, one is closed again.
  caf::actor_id peer = 0;
  std::string reason;
};

/// A payload from another node, decoded, with its sender proven by the link.
struct peer_message {
  remote_node from;
  wire::payload payload;
};

struct send_payload {
  wire::payload payload;
};

struct dial {
  std::string address;
};

struct await_peers {
  std::size_t count = 0;
};

struct peers_present {
  std::size_t count = 0;
};

// -- bids ---------------------------------------------------------------------

struct ask_bid {
  wire::bid_request request;
  coordinator_actor coordinator;
};

struct bid_received {
  wire::bid offer;
};

// -- attempts -----------------------------------------------------------------

struct assign_replica {
  std::shared_ptr<const task_terms> terms;
  std::uint64_t job = 0;
  std::uint32_t attempt = 0;
  std::shared_ptr<const job_input> input;
  hash256 input_hash;
  replica_actor replica;
};

struct cancel_replica {
  wire::attempt_ref attempt;
};

struct acknowledge_result {
  wire::attempt_ref attempt;
};

struct replica_acked {};

struct lease_renewed {
  bool running = false;
};

/// A worker's batch of results whose signature holds; shared by its replicas.
struct result_batch {
  std::vector<wire::job_result_entry> entries;
  std::vector<batch_proof> proofs;
};

/// One entry of a batch.
struct result_ref {
  std::shared_ptr<const result_batch> batch;
  std::size_t index = 0;

  const wire::job_result_entry& entry() const { return batch->entries[index]; }
  const batch_proof& proof() const { return batch->proofs[index]; }
};

struct replica_result {
  result_ref result;
};

struct replica_refused {
  errc code{};
  std::string reason;
};

struct unreachable_worker {};

struct replica_progress {
  std::uint32_t attempt = 0;
  bool running = false;
};

/// An attempt's end: with a result (completed or not), or without (lost).
struct replica_ended {
  std::uint32_t attempt = 0;
  std::optional<result_ref> result;
  failure problem;
  outcome_kind kind = outcome_kind::verified;
};

// -- jobs ---------------------------------------------------------------------

/// Where an attempt goes.
struct placement {
  std::uint32_t attempt = 0;
  node_port port;
  node_id node;
  owner_id owner;
};

struct place_replica {
  std::uint64_t job = 0;
  job_actor requester;
  job_outbox::wanted_replica wanted;
};

struct replica_placed {
  placement where;
};

struct replica_unplaceable {
  std::uint32_t attempt = 0;
};

struct replica_closed {
  std::uint64_t job = 0;
  node_id node;
  owner_id owner;
  /// Its answer counts: the owner must not get this job again.
  bool answered = false;
  /// The worker fell silent, or its link is gone.
  bool lost = false;
  /// Zero where it did not run.
  microseconds run_time{0};
};

struct cancel_job {
  bool expired = false;
};

/// One attempt in a job's record.
struct attempt_record {
  std::uint32_t attempt = 0;
  node_id node;
  owner_id owner;
  outcome_kind kind = outcome_kind::lost;
  /// Agreed with the verdict and was paid.
  bool paid = false;
  std::optional<result_ref> result;
};

struct job_ended {
  std::uint64_t job = 0;
  job_state state = job_state::failed;
  failure problem;
  majority_verdict verdict;
  std::uint32_t failures = 0;
  std::vector<attempt_record> attempts;
  /// Of an attempt that agreed; only when completed.
  std::optional<result_ref> accepted;
  std::string stderr_tail;
};

// -- credits ------------------------------------------------------------------

/// An amount where it went well, else why not.
struct ledger_answer {
  std::optional<failure> problem;
  credits amount;
};

struct open_account {
  owner_id owner;
  credits grant;
};

struct ledger_hold {
  owner_id owner;
  task_id task;
  credits amount;
};

struct ledger_pay {
  task_id task;
  std::vector<payment> payments;
};

struct ledger_release {
  task_id task;
};

struct query_account {
  owner_id owner;
};

struct account_answer {
  std::optional<failure> problem;
  account_state state;
};

struct query_totals {};

struct network_totals {
  credits granted;
  credits in_circulation;
  credits burned;
};

struct hold_credits {
  credits amount;
};

struct settle_job {
  std::uint64_t job = 0;
  std::vector<payment> payments;
};

struct close_escrow {};

struct settlement {
  std::optional<failure> problem;
  credits held;
  credits paid;
  credits refunded;
};

// -- execution ----------------------------------------------------------------

struct run_job {
  wire::attempt_ref attempt;
  sandbox::run_request request;
  std::stop_token stop;
  worker_actor worker;
};

struct run_started {
  wire::attempt_ref attempt;
};

struct run_finished {
  wire::attempt_ref attempt;
  sandbox::run_result result;
  hash256 output;
  wall_time started{};
};

// -- tasks --------------------------------------------------------------------

/// Reads the bytes of a chunk from where the owner keeps them. Called by the
/// coordinator when a job starts; not_found or system_failure otherwise.
using input_reader = std::function<result<bytes>(const chunk&)>;

struct submit_task {
  task_spec spec;
  std::vector<std::shared_ptr<const code_bundle>> bundles;
  input_reader read_input;
  observer_actor observer;
  /// Ask for bids and price it; run nothing.
  bool plan_only = false;
};

struct task_accepted {
  task_id task;
  coordinator_actor coordinator;
};

struct cancel_task {};

struct deliver_events {};

struct event_batch {
  std::vector<event> events;
};

struct events_taken {};

struct observed_outcome {
  owner_id owner;
  outcome_kind kind = outcome_kind::verified;
  wall_time when{};
};

struct record_outcomes {
  std::vector<observed_outcome> outcomes;
};

struct task_ended {
  task_id task;
};

} // namespace artel

// All stay in one process, so CAF need not serialize them.
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::account_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::acknowledge_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ask_bid)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::assign_replica)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::attach_link)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::await_peers)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::bid_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::cancel_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::cancel_replica)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::cancel_task)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::close_escrow)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::close_link)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::deliver_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::dial)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::event_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::events_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::flush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::frame_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::hold_credits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::job_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::lease_renewed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ledger_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ledger_hold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ledger_pay)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ledger_release)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::link_accepted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::link_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::link_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::network_totals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::open_account)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::open_link)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::peer_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::peer_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::peer_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::peers_present)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::place_replica)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::query_account)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::query_totals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::record_outcomes)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::replica_acked)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::replica_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::replica_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::replica_placed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::replica_progress)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::replica_refused)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::replica_result)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::replica_unplaceable)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::run_finished)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::run_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::run_started)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::send_frame)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::send_payload)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::settle_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::settlement)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::stop_actor)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::submit_task)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::sweep)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::task_accepted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::task_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::unreachable_worker)
