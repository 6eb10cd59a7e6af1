// Bounds on everything that comes from outside. A decoder refuses what passes
// one of them before it allocates.
#pragma once

#include <cstddef>
#include <cstdint>

namespace artel::limits {

/// Nesting of MessagePack containers in one message.
inline constexpr std::size_t depth_max = 16;
/// One envelope, encoded. Holds a job's largest output and its frame.
inline constexpr std::size_t envelope_bytes_max = 80u << 20;
/// Envelopes in one frame.
inline constexpr std::size_t envelopes_per_frame_max = 4096;
/// Entries of one batched message (assignments, acks, results, leases).
inline constexpr std::size_t batch_entries_max = 1024;
/// Names: tasks, kernels, networks, files, addresses.
inline constexpr std::size_t name_bytes_max = 255;
/// Free text: reasons, the end of standard error.
inline constexpr std::size_t text_bytes_max = 64u << 10;
/// A job's input, inline.
inline constexpr std::size_t input_bytes_max = 64u << 20;
/// A job's output; a task's limits choose less (1 MiB by default).
inline constexpr std::size_t output_bytes_max = 64u << 20;
/// Files that one run leaves as results, beside its standard output; their
/// bytes and those of the output share output_bytes_max.
inline constexpr std::size_t output_files_max = 1024;
/// A code bundle, encoded.
inline constexpr std::size_t bundle_bytes_max = 64u << 20;
inline constexpr std::size_t bundle_files_max = 1024;
/// One piece of a blob; inputs and outputs above this travel as blobs.
inline constexpr std::size_t blob_piece_bytes = 256u << 10;
/// Pieces asked for in one message.
inline constexpr std::size_t pieces_per_request_max = 64;
/// Addresses from which an input may be fetched.
inline constexpr std::size_t input_sources_max = 8;
inline constexpr std::size_t arguments_max = 256;
inline constexpr std::size_t argument_bytes_max = 4096;
inline constexpr std::size_t kernel_arguments_max = 32;
/// Peers named in one peer exchange, bundles named as cached.
inline constexpr std::size_t peers_per_exchange_max = 128;
inline constexpr std::size_t cached_bundles_listed_max = 256;
/// Seeds and witnesses of a network; keys that it has revoked.
inline constexpr std::size_t seeds_max = 64;
inline constexpr std::size_t witnesses_max = 64;
inline constexpr std::size_t revoked_keys_max = 16'384;
/// Jobs of one task.
inline constexpr std::uint64_t jobs_per_task_max = 10'000'000;
/// Replicas of one job, escalation included.
inline constexpr std::uint32_t replicas_max = 64;
inline constexpr std::uint32_t attempts_max = 1000;
/// Hashes from a leaf to its batch's root: enough for any 32-bit count.
inline constexpr std::size_t merkle_path_max = 32;
/// Moments and durations, either sign, in milliseconds (31,000 years), so that
/// what a peer sends can be turned into microseconds and added up.
inline constexpr std::int64_t time_ms_max = 1'000'000'000'000'000;
/// The largest end of a range: 2^63 - 1.
inline constexpr std::uint64_t range_value_max = 9'223'372'036'854'775'807u;

} // namespace artel::limits
