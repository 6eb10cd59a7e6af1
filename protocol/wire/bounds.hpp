// How much a field may hold, by message and field name. Strings without a row
// are names; a byte string or an array without a row does not compile.
#pragma once

#include "protocol/core/limits.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace artel::wire {

struct bound {
  std::string_view message;
  std::string_view field;
  /// Bytes of a string or byte string, entries of an array.
  std::size_t max = 0;
  /// Bytes of an array's element, where that is a string.
  std::size_t element_max = limits::name_bytes_max;
};

inline constexpr bound bounds[] = {
  {"envelope", "payload", limits::envelope_bytes_max},

  {"capabilities", "cached_bundles", limits::cached_bundles_listed_max},
  {"handshake_refused", "reason", limits::text_bytes_max},
  {"peer_exchange", "peers", limits::peers_per_exchange_max},
  {"goodbye", "reason", limits::text_bytes_max},
  {"bid", "refusal", limits::text_bytes_max},

  {"network_config", "seeds", limits::seeds_max},
  {"network_config", "witnesses", limits::witnesses_max},
  {"network_config", "revoked_nodes", limits::revoked_keys_max},
  {"network_config", "revoked_owners", limits::revoked_keys_max},

  {"job_input", "data", limits::input_bytes_max},
  {"job_assign", "jobs", limits::batch_entries_max},
  {"job_assign", "holders", limits::replicas_max},
  {"job_assignment", "sources", limits::input_sources_max,
   limits::argument_bytes_max},
  {"job_ack", "attempts", limits::batch_entries_max},
  {"job_result_entry", "output", limits::output_bytes_max},
  {"job_result_entry", "files", limits::output_files_max},
  {"job_result_entry", "stderr_tail", limits::text_bytes_max},
  {"run_output", "output", limits::output_bytes_max},
  {"run_output", "files", limits::output_files_max},
  {"output_file", "data", limits::output_bytes_max},
  {"job_result", "entries", limits::batch_entries_max},
  {"job_result_ack", "attempts", limits::batch_entries_max},
  {"job_fail", "reason", limits::text_bytes_max},
  {"job_cancel", "attempts", limits::batch_entries_max},
  {"heartbeat", "leases", limits::batch_entries_max},

  {"code_ref", "kernel_arguments", limits::kernel_arguments_max,
   limits::argument_bytes_max},
  {"blob_request", "pieces", limits::pieces_per_request_max},
  {"blob_piece", "path", limits::merkle_path_max},
  {"blob_piece", "data", limits::blob_piece_bytes},
  {"bundle_file", "data", limits::bundle_bytes_max},
  {"code_bundle", "files", limits::bundle_files_max},
  {"code_bundle", "arguments", limits::arguments_max,
   limits::argument_bytes_max},
  {"code_bundle", "standard_input", limits::bundle_bytes_max},

  {"batch_proof", "path", limits::merkle_path_max},
  {"job_verdict", "reason", limits::text_bytes_max},
  {"job_verdict", "agreeing", limits::replicas_max},
  {"job_verdict", "dissenting", limits::replicas_max},
};

/// The row of a field, if it has one. By value: with sanitizers on, g++ 12 does
/// not take a pointer's test against null for a constant.
constexpr std::optional<bound> find_bound(std::string_view message,
                                          std::string_view field) noexcept {
  for (const auto& row : bounds)
    if (row.message == message && row.field == field)
      return row;
  return std::nullopt;
}

} // namespace artel::wire
