// A worker's signed statement of one run: what it ran, on what, what came out,
// what it used. Commits the worker to its answer; anyone can check it offline.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/identity/merkle.hpp"
#include "protocol/wire/fields.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

/// What ended a run. The first is success; all others are failures.
enum class run_outcome : std::uint8_t {
  completed = 1,
  /// Exit code other than 0.
  nonzero_exit = 2,
  /// Ended by a signal that no limit of ours sent.
  crashed = 3,
  timeout = 4,
  cpu_limit = 5,
  memory_limit = 6,
  file_size_limit = 7,
  output_limit = 8,
  forbidden_syscall = 9,
  /// The program could not be started (missing, not executable, no such
  /// kernel).
  exec_failed = 10,
  sandbox_unavailable = 11,
  /// Stopped by a stop token: the job was cancelled.
  cancelled = 12,
  invalid_module = 13,
  unsupported_import = 14,
  fuel_exhausted = 15,
  trap = 16,
};

std::string_view to_string(run_outcome outcome) noexcept;

/// The inverse; invalid_argument for any other text.
result<run_outcome> parse_run_outcome(std::string_view text);

struct receipt {
  static constexpr std::string_view type_name = "receipt";

  std::string network;
  task_id task;
  std::uint64_t job = 0;
  std::uint32_t attempt = 0;
  node_id requester;
  node_id worker;
  owner_id worker_owner;
  hash256 code;
  hash256 input;
  /// Zero unless the run completed.
  hash256 output;
  /// Standard output and output files together.
  std::uint64_t output_bytes = 0;
  run_outcome outcome = run_outcome::completed;
  /// The exit code, or the signal where the outcome is crashed.
  std::int32_t exit_code = 0;
  credits price;
  wall_time started{};
  milliseconds wall_time_used{};
  milliseconds cpu_time_used{};
  std::uint64_t memory_peak_bytes = 0;
  /// Instructions, of interpreted WebAssembly; zero for all else.
  std::uint64_t fuel_used = 0;

  bool operator==(const receipt&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("task", self.task);
    visit("job", self.job);
    visit("attempt", self.attempt);
    visit("requester", self.requester);
    visit("worker", self.worker);
    visit("worker_owner", self.worker_owner);
    visit("code", self.code);
    visit("input", self.input);
    visit("output", self.output);
    visit("output_bytes", self.output_bytes);
    visit("outcome", self.outcome);
    visit("exit_code", self.exit_code);
    visit("price", self.price);
    visit("started", self.started);
    visit("wall_time_used_ms", self.wall_time_used);
    visit("cpu_time_used_ms", self.cpu_time_used);
    visit("memory_peak_bytes", self.memory_peak_bytes);
    visit("fuel_used", self.fuel_used);
  }
};

/// The leaf a receipt is in its batch: "artel.receipt.v1" over the encoding.
hash256 receipt_leaf(const receipt& body);

/// What a receipt calls an output: "artel.output.v1" over the bytes; with
/// output files "artel.output_with_files.v1" over that hash and the files'
/// hash.
hash256 output_hash(bytes_view output, const hash256& files = {}) noexcept;

/// A receipt that proves itself alone.
struct signed_receipt {
  static constexpr std::string_view type_name = "signed_receipt";

  receipt body;
  batch_proof proof;

  bool operator==(const signed_receipt&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("receipt", self.body);
    visit("proof", self.proof);
  }
};

/// Checks the worker's signature over the receipt by its path.
bool verify(const signed_receipt& item);

/// How the owner judged a job, signed by its node in batches likewise.
struct job_verdict {
  static constexpr std::string_view type_name = "job_verdict";

  std::string network;
  task_id task;
  std::uint64_t job = 0;
  node_id requester;
  /// Zero where no verdict was reached.
  hash256 output;
  bool accepted = false;
  /// Empty for accepted jobs.
  std::string reason;
  /// Attempts that agreed and are paid; those that gave another answer.
  std::vector<std::uint32_t> agreeing;
  std::vector<std::uint32_t> dissenting;
  credits price_per_replica;

  bool operator==(const job_verdict&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("network", self.network);
    visit("task", self.task);
    visit("job", self.job);
    visit("requester", self.requester);
    visit("output", self.output);
    visit("accepted", self.accepted);
    visit("reason", self.reason);
    visit("agreeing", self.agreeing);
    visit("dissenting", self.dissenting);
    visit("price_per_replica", self.price_per_replica);
  }
};

/// "artel.verdict.v1" over the encoding.
hash256 verdict_leaf(const job_verdict& body);

struct signed_verdict {
  static constexpr std::string_view type_name = "signed_verdict";

  job_verdict body;
  batch_proof proof;

  bool operator==(const signed_verdict&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("verdict", self.body);
    visit("proof", self.proof);
  }
};

bool verify(const signed_verdict& item);

} // namespace artel
