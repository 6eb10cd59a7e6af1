// The messages between actors of one node. None of them leaves the process:
// what crosses to another node is an envelope (protocol/wire).
#pragma once

#include "actors/events.hpp"
#include "actors/interfaces.hpp"
#include "actors/network_view.hpp"
#include "actors/status.hpp"
#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/units.hpp"
#include "protocol/economy/account_table.hpp"
#include "protocol/overlay/address_record.hpp"
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
/// Send what was posted in this turn.
struct send_posted {};
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

/// Of one class's messages; a link takes them fairly by class.
struct send_frame {
  link_id link = 0;
  bytes frame;
  wire::traffic_class priority = wire::traffic_class::control;
};

/// Frames of a class don't go out as fast as they come: what is not urgent
/// should wait until it says false. What is sent all the same may be dropped.
struct link_congested {
  wire::traffic_class priority = wire::traffic_class::control;
  bool congested = false;
};

struct close_link {
  link_id link = 0;
};

struct link_accepted {
  link_id link = 0;
};

struct link_opened {
  link_id link = 0;
  /// Who is at the other end, where the transport proved it; else zero.
  node_id proven;
  /// The other end's own address, as the transport sees it: "10.0.0.7:40212".
  std::string address;
};

struct link_closed {
  std::string reason;
};

struct frame_received {
  bytes frame;
  /// Goes with the message: a transport reads no more of a link while too much
  /// of what it read has not been looked at. May be null.
  std::shared_ptr<const void> room = nullptr;
};

// -- peers --------------------------------------------------------------------

/// A remote node as others see it: its proxy, and who it proved to be.
struct remote_node {
  node_port port;
  node_id node;
  owner_id owner;
  std::string display_name;
  wire::node_role role = wire::node_role::public_;
  /// Where it says that it listens; empty: nowhere.
  std::string address;
  /// Its end of the link, as the transport sees it; empty where it does not.
  std::string seen_address;
  /// Round trip, as the handshake took.
  microseconds latency{0};
  /// Shows that the owner speaks for it; none where it is its own.
  owner_certificate ownership;
  /// The newest network config that it knew in its greeting.
  std::uint64_t config_version = 0;
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
  /// Ours or theirs: revoked and refused mean that dialling again is of no use.
  errc code = errc::unreachable;
  peer_counters counters;
  /// It was this node that would not have the other.
  bool refused_here = false;
  /// Where the link led, or came from.
  std::string address = {};
};

/// The node's view has changed: a peer that it keeps out now is closed, and no
/// job is to be had below its price floor.
struct network_changed {
  network_view_ptr view;
};

struct query_peer {};

/// Sends a ping now; answered with the round trip.
struct measure_latency {};

struct latency_measured {
  microseconds latency{0};
};

/// The same of a node's link, by id, or (zero) by the address that was dialled.
struct ping_node {
  node_id node;
  std::string address;
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

/// Addresses found by other means than peers: the LAN, an operator.
struct learn_addresses {
  struct one {
    std::string address;
    /// Zero where it is not known; not proven either way.
    node_id node;
  };
  std::vector<one> addresses;
  address_source source = address_source::lan;
};

/// A newer network config, from an operator or a file.
struct update_network {
  network_config config;
};

struct network_answer {
  std::optional<failure> problem;
  /// Of the config that was known, and of the one that is in force now.
  std::uint64_t version_before = 0;
  std::uint64_t version = 0;
};

/// What can change while a node runs.
struct change_settings {
  access_policy access;
  std::vector<std::string> bootstrap;
  std::size_t links_target = 0;
};

struct query_node {};

/// Take nothing new, and answer once nothing is left to do, or the time is up.
struct drain_node {
  milliseconds deadline{0};
};

struct node_drained {
  /// Tasks and jobs that were still there at the deadline.
  std::uint64_t left = 0;
};

struct query_worker {};

/// Bid for nothing any more; attempts that have not begun are handed back.
struct drain_worker {};

struct explain_task {};

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

/// Shared, since many attempts name the same nodes.
using node_list = std::shared_ptr<const std::vector<node_id>>;
using text_list = std::shared_ptr<const std::vector<std::string>>;

struct assign_replica {
  std::shared_ptr<const task_terms> terms;
  std::uint64_t job = 0;
  std::uint32_t attempt = 0;
  std::shared_ptr<const job_input> input;
  hash256 input_hash;
  replica_actor replica;
  /// Nodes that are likely to have the code; may be null.
  node_list holders = nullptr;
  /// The input's data, where they travel as a blob.
  blob_ref input_blob = {};
  /// URLs that have the same bytes; may be null.
  text_list sources = nullptr;
};

/// For the output of an attempt; the replica hears blob_received.
struct fetch_pieces {
  wire::attempt_ref attempt;
  wire::blob_request request;
};

struct blob_received {
  std::shared_ptr<const wire::blob_piece> piece;
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
  /// See assign_replica.
  node_list holders = nullptr;
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
  /// Where the worker handed it back unrun: its words.
  std::string refusal = {};
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

/// All that a task owes an owner by now, and one of its nodes that is to know.
struct owe_payee {
  task_id task;
  owner_id payee;
  node_id node;
  credits amount;
  /// Verified jobs that it is for.
  std::uint64_t jobs = 0;
};

struct settle_claims {
  task_id task;
  milliseconds patience{0};
};

struct claims_settled {
  /// Owners that are owed something, and those that have acknowledged all of
  /// it.
  std::uint64_t sent = 0;
  std::uint64_t acknowledged = 0;
};

// -- execution ----------------------------------------------------------------

/// `requester` tells apart attempts of the same name: task ids are whatever
/// their requesters say.
struct run_job {
  wire::attempt_ref attempt;
  node_id requester;
  sandbox::run_request request;
  std::stop_token stop;
  worker_actor worker;
};

struct run_started {
  wire::attempt_ref attempt;
  node_id requester;
};

struct run_finished {
  wire::attempt_ref attempt;
  node_id requester;
  sandbox::run_result result;
  hash256 output;
  wall_time started{};
};

/// What the worker's input_fetcher brought, or why nothing.
struct source_fetched {
  blob_ref blob;
  std::optional<failure> problem;
  std::shared_ptr<bytes> content;
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
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::blob_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::cancel_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::cancel_replica)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::cancel_task)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::change_settings)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::claims_settled)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::close_escrow)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::close_link)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::deliver_events)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::dial)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::drain_node)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::drain_worker)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::event_batch)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::events_taken)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::explain_task)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::fetch_pieces)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::flush)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::send_posted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::frame_received)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::hold_credits)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::job_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::latency_measured)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::learn_addresses)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::lease_renewed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ledger_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ledger_hold)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ledger_pay)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ledger_release)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::link_accepted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::link_closed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::link_congested)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::link_opened)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::measure_latency)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::network_answer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::network_changed)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::network_totals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::node_drained)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::node_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::open_account)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::open_link)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::owe_payee)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::peer_gone)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::peer_message)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::peer_ready)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::peer_status)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::peers_present)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::ping_node)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::place_replica)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::query_account)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::query_node)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::query_peer)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::query_totals)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::query_worker)
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
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::settle_claims)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::settle_job)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::settlement)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::source_fetched)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::stop_actor)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::submit_task)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::sweep)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::task_accepted)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::task_ended)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::task_explanation)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::unreachable_worker)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::update_network)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::worker_status)
