// The lines of a receipt file: one JSON object each, and back.
//
//   {"kind":"task", ...}        what was run; starts a run
//   {"kind":"worker", ...}      its owner's certificate, before its receipts
//   {"kind":"receipt", ...}     one attempt, signed by its worker
//   {"kind":"verdict", ...}     one job's end, signed by the task's owner
//   {"kind":"settlement", ...}  who got what; ends a run
//
// A file holds one run after the other: the first, and what was retried. The
// last field of a line, "chain", is the hash ("artel.receipt_line.v1") of the
// chain before it and of the line without it, so that a line that was changed,
// added or taken out shows, also where no signature covers it. Whoever rewrites
// a whole file can redo the chain, but not the signatures.
#pragma once

#include "actors/events.hpp"
#include "runtime/observe/json.hpp"

#include <cstddef>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace artel::runtime {

/// Everything that is needed to run a task, or some of its jobs, again.
struct task_record {
  static constexpr std::uint32_t format_current = 1;

  std::uint32_t format = format_current;
  task_id task;
  wall_time started{};
  /// The task file's name (empty without one), its directory, and its text
  /// with everything that flags changed.
  std::string file_name;
  std::filesystem::path directory;
  std::string text;
  /// What was found on disk; `only` names the jobs of a retry.
  task_source source;
  hash256 code;
  /// Zero without a reduce program.
  hash256 reduce_code;
};

struct verdict_line {
  signed_verdict item;
  std::string input_name;
  /// Not for failed jobs, and not where it was too long for the file.
  std::optional<bytes> output;
  /// Of all output files; zero where the job left none.
  hash256 files;
  errc failure_code{};
  std::string stderr_tail;
};

struct settlement_line {
  task_id task;
  task_state state = task_state::pending;
  job_counts jobs;
  std::uint64_t replicas_run = 0;
  std::uint64_t replicas_agreed = 0;
  credits held;
  credits paid;
  credits refunded;
  credits balance_before;
  credits balance_after;
  credits network_before;
  credits network_after;
  /// Paid by signed claims, not witnessed; how many owners were sent one, and
  /// how many acknowledged it.
  bool paid_by_claims = false;
  std::uint64_t claims_sent = 0;
  std::uint64_t claims_acknowledged = 0;
};

using receipt_line_content =
  std::variant<task_record, receipt_recorded, verdict_line, settlement_line,
               worker_certified>;

json record_json(const task_record& record);
json record_json(const worker_certified& record);
json record_json(const receipt_recorded& record);
/// An output longer than output_bytes_max is left out. Of output files there is
/// only their hash: with the output it makes what the receipts call the output.
json record_json(const verdict_recorded& record, std::size_t output_bytes_max);
json record_json(const task_report& report);

/// malformed says which field is missing or wrong.
result<receipt_line_content> read_record(const json& line);

/// The line as it stands in the file, newline included; moves the chain on.
std::string chained_line(const json& record, hash256& chain);

struct unchained_line {
  /// Null where the line is no JSON.
  json record;
  /// malformed, or bad_signature where the chain does not fit what comes
  /// before; the record may be read all the same.
  std::optional<failure> problem;
};

/// Splits a line of the file (without its newline) into its record and chain,
/// and checks the latter. Moves the chain on to what the line says, fit or not,
/// so that one change shows once.
unchained_line read_chained_line(std::string_view line, hash256& chain);

} // namespace artel::runtime
