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

/// A worker gives up a result that its owner did not acknowledge for so long.
inline constexpr milliseconds result_patience{30'000};

/// Attempts a worker remembers after their end, to know late assignments.
inline constexpr std::size_t finished_remembered = 4'096;

/// Failed jobs that a report names one by one.
inline constexpr std::size_t failed_jobs_listed = 20;

} // namespace artel::defaults
