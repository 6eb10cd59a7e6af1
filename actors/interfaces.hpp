// Every actor interface, a comment a message. Who sends is named first; the
// messages themselves are structs in actors/messages.hpp.
//
//   node --spawns--> worker, coordinator (one a task), peer (one a remote node)
//   coordinator --spawns--> escrow, job (one a chunk) --spawns--> replica
//   worker --spawns--> executor (one a sandbox slot)
//
// transport, executor and observer do I/O: they are implemented in runtime/.
#pragma once

#include <caf/replies_to.hpp>
#include <caf/typed_actor.hpp>

namespace artel {

struct account_answer;
struct acknowledge_result;
struct ask_bid;
struct assign_replica;
struct await_peers;
struct bid_received;
struct blob_received;
struct cancel_job;
struct cancel_replica;
struct cancel_task;
struct change_settings;
struct claims_settled;
struct close_escrow;
struct close_link;
struct deliver_events;
struct dial;
struct drain_node;
struct drain_worker;
struct event_batch;
struct events_taken;
struct explain_task;
struct fetch_pieces;
struct flush;
struct frame_received;
struct hold_credits;
struct job_ended;
struct latency_measured;
struct learn_addresses;
struct lease_renewed;
struct ledger_answer;
struct ledger_hold;
struct ledger_pay;
struct ledger_release;
struct link_accepted;
struct link_closed;
struct link_congested;
struct link_opened;
struct measure_latency;
struct network_answer;
struct network_changed;
struct network_totals;
struct node_drained;
struct node_status;
struct open_account;
struct open_link;
struct owe_payee;
struct peer_gone;
struct peer_message;
struct peer_ready;
struct peer_status;
struct peers_present;
struct ping_node;
struct place_replica;
struct attach_link;
struct query_account;
struct query_node;
struct query_peer;
struct query_totals;
struct query_worker;
struct record_outcomes;
struct replica_acked;
struct replica_closed;
struct replica_ended;
struct replica_placed;
struct replica_progress;
struct replica_refused;
struct replica_result;
struct replica_unplaceable;
struct run_finished;
struct run_job;
struct run_started;
struct send_frame;
struct send_payload;
struct send_posted;
struct settle_claims;
struct settle_job;
struct settlement;
struct source_fetched;
struct stop_actor;
struct submit_task;
struct sweep;
struct task_accepted;
struct task_ended;
struct task_explanation;
struct unreachable_worker;
struct update_network;
struct worker_status;

/// Hears of everything; writes logs, receipts, progress. (runtime)
using observer_actor = caf::typed_actor<
  /// coordinator, node: what happened, in order. The answer is back-pressure:
  /// whoever has too many batches unanswered starts nothing new.
  caf::replies_to<event_batch>::with<events_taken>>;

/// Moves frames between nodes. (runtime)
using transport_actor = caf::typed_actor<
  /// node: opens a link; the peer hears link_opened or link_closed.
  caf::reacts_to<open_link>,
  /// node: binds an accepted link to its peer, which hears link_opened.
  caf::reacts_to<attach_link>,
  /// peer: one frame, in order per link; may be lost with the link.
  caf::reacts_to<send_frame>,
  /// peer: ends a link; the other side hears link_closed.
  caf::reacts_to<close_link>,
  /// node: closes all links and ends.
  caf::reacts_to<stop_actor>>;

/// What anyone may ask of a node, wherever it is: implemented by peer, the
/// proxy of a remote node.
using node_port = caf::typed_actor<
  /// replica: hand this attempt to the node's worker. Sent again, it is sent on
  /// again.
  caf::reacts_to<assign_replica>,
  /// replica: the attempt is no longer wanted; its route is forgotten.
  caf::reacts_to<cancel_replica>,
  /// replica: its result arrived; the worker may forget it.
  caf::reacts_to<acknowledge_result>,
  /// replica: asks the node for pieces of its attempt's output.
  caf::reacts_to<fetch_pieces>,
  /// coordinator: asks for a bid; the coordinator hears bid_received.
  caf::reacts_to<ask_bid>,
  /// worker, node: any other payload.
  caf::reacts_to<send_payload>>;

/// The proxy of a remote node: handshake, envelopes, batches, signatures.
using peer_actor = node_port::extend<
  /// transport: the link is up.
  caf::reacts_to<link_opened>,
  /// transport: the link is down, or never came up.
  caf::reacts_to<link_closed>,
  /// transport: bytes from the other side; not trusted.
  caf::reacts_to<frame_received>,
  /// transport: a class of messages has to wait, or need not any more.
  caf::reacts_to<link_congested>,
  /// node: a newer view of the network.
  caf::reacts_to<network_changed>,
  /// operator: how the link is.
  caf::replies_to<query_peer>::with<peer_status>,
  /// operator: a ping, answered when the pong comes.
  caf::replies_to<measure_latency>::with<latency_measured>,
  /// itself: send what is gathered for a while, to share a signature.
  caf::reacts_to<flush>,
  /// itself: send all else.
  caf::reacts_to<send_posted>,
  /// itself: the handshake's deadline, and what it waits for.
  caf::reacts_to<sweep>,
  /// node: close the link and end.
  caf::reacts_to<stop_actor>>;

/// Runs bundles and kernels, one at a time. (runtime)
using executor_actor = caf::typed_actor<
  /// worker: queues a run; the worker hears run_started and run_finished.
  caf::reacts_to<run_job>,
  /// worker: ends after the present run.
  caf::reacts_to<stop_actor>>;

/// Bids for, admits, queues and executes others' jobs.
using worker_actor = caf::typed_actor<
  /// peer: bid_request, job_assign, job_cancel, job_result_ack, blob_piece.
  caf::reacts_to<peer_message>,
  /// node: a link, of a node that may have what is to be fetched.
  caf::reacts_to<peer_ready>,
  /// input_fetcher: an input from outside, or why not.
  caf::reacts_to<source_fetched>,
  /// executor: a run handed over has begun.
  caf::reacts_to<run_started>,
  /// executor: a run ended.
  caf::reacts_to<run_finished>,
  /// node: the link to an owner is gone; its jobs are stopped.
  caf::reacts_to<peer_gone>,
  /// node: another price floor; bids that were given stand.
  caf::reacts_to<network_changed>,
  /// itself: heartbeats, and results not acknowledged yet.
  caf::reacts_to<sweep>,
  /// itself: acks and results of this turn.
  caf::reacts_to<flush>,
  /// node: how busy it is.
  caf::replies_to<query_worker>::with<worker_status>,
  /// node: take nothing new; what has not begun goes back.
  caf::reacts_to<drain_worker>,
  /// node: stop all runs and end.
  caf::reacts_to<stop_actor>>;

/// One worker's attempt at a job.
using replica_actor = caf::typed_actor<
  /// peer: the worker has queued it.
  caf::reacts_to<replica_acked>,
  /// peer: the worker holds it still.
  caf::reacts_to<lease_renewed>,
  /// peer: a receipt whose signature holds, with its output.
  caf::reacts_to<replica_result>,
  /// peer: a piece of the output; not checked yet.
  caf::reacts_to<blob_received>,
  /// peer: the worker hands it back.
  caf::reacts_to<replica_refused>,
  /// peer: the link is gone.
  caf::reacts_to<unreachable_worker>,
  /// job: time has passed; resend or give up.
  caf::reacts_to<sweep>,
  /// job: no longer needed.
  caf::reacts_to<stop_actor>>;

/// Decides one job's fate.
using job_actor = caf::typed_actor<
  /// coordinator: a worker for a wanted attempt.
  caf::reacts_to<replica_placed>,
  /// coordinator: there is none, and there won't be.
  caf::reacts_to<replica_unplaceable>,
  /// replica: acknowledged or running.
  caf::reacts_to<replica_progress>,
  /// replica: answered, failed or lost.
  caf::reacts_to<replica_ended>,
  /// coordinator: time has passed.
  caf::reacts_to<sweep>,
  /// coordinator: the task is cancelled or expired.
  caf::reacts_to<cancel_job>>;

/// Plans one task, feeds its jobs, aggregates, settles.
using coordinator_actor = caf::typed_actor<
  /// node: a peer to ask for a bid; also those that join later.
  caf::reacts_to<peer_ready>,
  /// node: a peer's link is gone.
  caf::reacts_to<peer_gone>,
  /// node: another price floor.
  caf::reacts_to<network_changed>,
  /// peer: a worker's bid, signature checked.
  caf::reacts_to<bid_received>,
  /// job: wants a worker for an attempt.
  caf::reacts_to<place_replica>,
  /// job: an attempt ended; its worker has room.
  caf::reacts_to<replica_closed>,
  /// job: reached its final state; credits are with the escrow already.
  caf::reacts_to<job_ended>,
  /// itself: deadlines, backoffs, progress.
  caf::reacts_to<sweep>,
  /// itself: sign verdicts and send events of this turn.
  caf::reacts_to<deliver_events>,
  /// operator: why the task is where it is.
  caf::replies_to<explain_task>::with<task_explanation>,
  /// owner: stop, give back what is held.
  caf::reacts_to<cancel_task>>;

/// Holds, pays and returns one task's credits, each exactly once.
using escrow_actor = caf::typed_actor<
  /// coordinator: set the task's credits aside.
  caf::replies_to<hold_credits>::with<ledger_answer>,
  /// job: its verdict pays these owners. A second one for a job is ignored.
  caf::reacts_to<settle_job>,
  /// itself: pay what has gathered.
  caf::reacts_to<flush>,
  /// coordinator: pay the rest, give back what is left, end.
  caf::replies_to<close_escrow>::with<settlement>>;

/// Where payers and payees share no ledger: tells payees what a task owes them,
/// signed, again until they have it.
using claim_sender_actor = caf::typed_actor<
  /// coordinator: what a task owes by now; amounts only grow.
  caf::reacts_to<owe_payee>,
  /// coordinator: the task is over. Answered once its payees have acknowledged
  /// everything, or the time is up; what is missing is sent for a while longer.
  caf::replies_to<settle_claims>::with<claims_settled>,
  /// node: a payee may be reached, again perhaps.
  caf::reacts_to<peer_ready>,
  /// node: a peer's link is gone.
  caf::reacts_to<peer_gone>,
  /// node: payment_ack.
  caf::reacts_to<peer_message>,
  /// itself: what is to be sent again.
  caf::reacts_to<sweep>,
  /// node: end at once.
  caf::reacts_to<stop_actor>>;

/// The network's accounts. The only one that changes balances.
using ledger_actor =
  caf::typed_actor<caf::replies_to<open_account>::with<ledger_answer>,
                   caf::replies_to<ledger_hold>::with<ledger_answer>,
                   caf::replies_to<ledger_pay>::with<ledger_answer>,
                   /// The answer's amount is what was given back.
                   caf::replies_to<ledger_release>::with<ledger_answer>,
                   caf::replies_to<query_account>::with<account_answer>,
                   caf::replies_to<query_totals>::with<network_totals>>;

/// One node: owns the others, knows the peers, keeps the owner's book.
using node_actor = caf::typed_actor<
  /// operator: opens a link to an address.
  caf::reacts_to<dial>,
  /// operator, discovery: addresses that may be dialled.
  caf::reacts_to<learn_addresses>,
  /// operator: a newer network config.
  caf::replies_to<update_network>::with<network_answer>,
  /// operator: settings that change while it runs.
  caf::reacts_to<change_settings>,
  /// operator: how the node is.
  caf::replies_to<query_node>::with<node_status>,
  /// operator: finish what is begun, take nothing new.
  caf::replies_to<drain_node>::with<node_drained>,
  /// operator: a ping over the link to a node; an error where there is none.
  caf::replies_to<ping_node>::with<latency_measured>,
  /// itself: time to dial, to keep addresses, to see whether it is drained.
  caf::reacts_to<sweep>,
  /// transport: somebody opened a link to us.
  caf::reacts_to<link_accepted>,
  /// peer: the handshake is done.
  caf::reacts_to<peer_ready>,
  /// peer: ended, and why.
  caf::reacts_to<peer_gone>,
  /// peer: peer_exchange, payment, payment_ack.
  caf::reacts_to<peer_message>,
  /// operator: answered once that many peers are ready.
  caf::replies_to<await_peers>::with<peers_present>,
  /// operator: plan or run a task; its observer hears the rest.
  caf::replies_to<submit_task>::with<task_accepted>,
  /// coordinator: what it saw of workers.
  caf::reacts_to<record_outcomes>,
  /// coordinator: the task is over.
  caf::reacts_to<task_ended>,
  /// operator: stop everything below, then end.
  caf::reacts_to<stop_actor>>;

} // namespace artel
