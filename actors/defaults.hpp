// Every timeout, interval and bound of the actors, with its reason.
#pragma once

#include "protocol/core/time.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace artel::defaults {

/// Assignments and results are sent again this often until acknowledged, and a
/// worker lists its leases: eight missed make a worker dead within 0.9 s.
inline constexpr milliseconds heartbeat_interval{100};
inline constexpr milliseconds lease{900};

/// How often a coordinator looks at deadlines. Half a heartbeat, so that a dead
/// worker's job moves within 1.1 s of its last sign.
inline constexpr milliseconds sweep_interval{50};

/// Jobs younger than this are not swept: nothing of theirs can be overdue.
inline constexpr milliseconds sweep_age_min{100};

/// Added to a job's limit of wall time for starting, ending and sending.
inline constexpr milliseconds job_grace{2'000};

/// How long a coordinator waits for bids. It goes on as soon as all have
/// answered.
inline constexpr milliseconds bid_window{1'000};

/// Where a node keeps links by itself, a task waits so long for as many workers
/// as it needs: a process that has just started knows nobody yet.
inline constexpr milliseconds first_peer_patience{10'000};

/// How long a bid stands.
inline constexpr milliseconds bid_lifetime{60'000};

/// How long a wanted replica waits for a worker of another owner to appear.
inline constexpr milliseconds no_worker_patience{2'000};

/// The same where one fell silent while its link is up: as long as a partition
/// lasts that should cost time, but no jobs.
inline constexpr milliseconds silent_worker_patience{30'000};

/// A link's handshake must be done by then.
inline constexpr std::chrono::seconds handshake_deadline{5};

/// What a handshake waits for is sent again this often: links may lose frames.
inline constexpr milliseconds handshake_interval{500};

/// A ping that took longer may be lost: whoever asks for the round trip then
/// has another one sent. And so many may wait for one.
inline constexpr milliseconds ping_patience{1'000};
inline constexpr std::size_t measurements_max = 64;

/// What a peer holds of a class that its link can't take: beyond, the newest is
/// dropped, since assignments and results are sent again anyway.
inline constexpr std::size_t held_messages_max = 16'384;
inline constexpr std::size_t held_bytes_max = 8u << 20;

/// How often a node looks at its links, and at what it waits for when it is
/// drained: what comes of it is seen at once by a person.
inline constexpr milliseconds link_sweep_interval{250};

/// Links that a node opens at the same time.
inline constexpr std::size_t dials_max = 16;

/// A node with too few links asks a peer for addresses again after so long,
/// then twice as long and so on.
inline constexpr milliseconds exchange_interval_first{1'000};
inline constexpr milliseconds exchange_interval_last{60'000};

/// Addresses that peers say they listen at are tried before they are passed on:
/// so many at a time, each again after so long, twice as long, four times.
inline constexpr std::size_t probes_max = 4;
inline constexpr milliseconds probe_interval{2'000};
inline constexpr std::uint32_t probe_attempts_max = 4;

/// Addresses are kept this often at most: a crash forgets what is younger.
inline constexpr milliseconds addresses_kept_interval{30'000};

/// How long a node that is asked how it is waits for its peers and worker.
inline constexpr std::chrono::seconds status_timeout{2};

/// How long a node that stops waits for its links to say goodbye.
inline constexpr milliseconds goodbye_patience{1'000};

/// Requests between actors of one process: far above any real delay, so that
/// passing it means that the other side is gone.
inline constexpr std::chrono::seconds request_timeout{30};

/// A worker that loses replicas again and again is asked for a bid again after
/// a lease, then two, four and so on; doubled so many times at most (29 s).
inline constexpr std::uint32_t suspicion_doublings_max = 6;

/// Between progress events.
inline constexpr milliseconds progress_interval{250};

/// A busy link sends once in so long: a signature and its check cost about
/// 50 us together, so this keeps them below a few percent of a core a link.
inline constexpr milliseconds flush_interval{5};

/// Entries under one signature, and bytes of payload in one message.
inline constexpr std::size_t batch_entries = 256;
inline constexpr std::size_t batch_bytes = 1u << 20;

/// Event batches that an observer may be behind before no job is started.
inline constexpr std::size_t event_batches_max = 8;

/// Jobs whose payments the escrow gathers at most before it sends them to the
/// ledger. Few requests matter: each leaves a timeout behind in the actor clock
/// until it would have passed, also when it is answered at once.
inline constexpr std::size_t payment_batch = 1'024;

/// Jobs a worker holds at most, over all owners: beyond, it refuses.
inline constexpr std::size_t worker_queue_max = 16'384;

/// Runs handed to one executor ahead of time, where runs are this short: the
/// next one starts without waiting for a message.
inline constexpr std::size_t executor_ahead = 32;
inline constexpr milliseconds executor_ahead_below{5};

/// Bytes of bundles a worker keeps, least recently used first out.
inline constexpr std::size_t bundle_cache_bytes = 256u << 20;

/// Pieces of blobs that one link's other end may have waiting; more than that
/// are asked for again.
inline constexpr std::size_t pieces_waiting_max = 256;

/// Bytes of bundles, and of inputs, that a worker fetches at a time; those of
/// inputs also while they wait to be run, and of inputs that came inline.
inline constexpr std::uint64_t bundle_fetch_bytes = 128u << 20;
inline constexpr std::uint64_t input_fetch_bytes = 256u << 20;

/// An output of which no further piece comes for so long is lost: longer than a
/// link takes to come back, shorter than a run would take elsewhere.
inline constexpr milliseconds output_patience{5'000};

/// A large output is kept longer than result_patience by what it takes to
/// fetch it at so many bytes a millisecond.
inline constexpr std::uint64_t output_fetch_pace = 64;

/// A worker gives up a result that its owner did not acknowledge for so long.
inline constexpr milliseconds result_patience{30'000};

/// Attempts a worker remembers after their end, to know late assignments.
inline constexpr std::size_t finished_remembered = 4'096;

/// Payees are told what a long task owes them this often at most. What a node
/// that dies has not told is lost to them.
inline constexpr milliseconds claim_interval{3'000};

/// How long a task's end waits for its payees to acknowledge their claims.
inline constexpr milliseconds claim_patience{2'000};

/// Nodes that a job's assignment names as having the code.
inline constexpr std::size_t code_holders_max = 16;

/// What an explanation tells of: open jobs, the oldest; workers that are gone,
/// the latest; bytes of what a worker said.
inline constexpr std::size_t open_jobs_explained = 20;
inline constexpr std::size_t gone_workers_remembered = 32;
inline constexpr std::size_t refusal_bytes_max = 512;

/// Failed jobs that a report names one by one.
inline constexpr std::size_t failed_jobs_listed = 20;

} // namespace artel::defaults
