// Domain events: what an observer hears of a node's work. Plain data, sent in
// batches, in the order in which things happened.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/identity/certificates.hpp"
#include "protocol/task/task_machine.hpp"
#include "protocol/task/task_spec.hpp"
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/messages.hpp"

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

namespace artel {

/// A worker that answered a task's bid request.
struct bid_summary {
  std::string display_name;
  node_id node;
  owner_id owner;
  wire::bid offer;
  /// The owner's own opinion, and the score by the task's strategy.
  ppm reputation{500'000};
  std::int64_t score = 0;
};

/// What a task will take, before anything runs.
struct plan_report {
  task_id task;
  std::string name;
  std::uint64_t jobs = 0;
  /// Of these, reduce jobs.
  std::uint64_t reduce_jobs = 0;
  std::uint32_t replicas = 0;
  credits rate_per_minute;
  credits price_per_job;
  /// What the network demands for a job, where that is known; else zero.
  credits price_floor;
  /// Each job's first replicas, if every verdict comes at the first try.
  credits expected_cost;
  /// What is held: covers the dearest verdict of every job.
  credits hold;
  credits balance;
  std::vector<bid_summary> candidates;
  /// Everything that stands in the way of running it; empty: it can run.
  std::vector<failure> problems;
};

struct task_planned {
  plan_report plan;
};

/// An owner's word for a worker of the task, before the worker's first receipt:
/// what shows that its receipts name the right owner.
struct worker_certified {
  owner_certificate item;
  std::string worker_name;
};

/// One attempt's signed end. The worker is named for people as well.
struct receipt_recorded {
  signed_receipt item;
  std::string worker_name;
  /// Of runs that failed.
  std::string stderr_tail;
};

/// One job's verdict, with the output that was accepted.
struct verdict_recorded {
  signed_verdict item;
  errc failure_code{};
  /// What the job was about: "1..1000", "LGPL-3".
  std::string input_name;
  bytes output;
  std::vector<output_file> files;
  /// The end of standard error of the last failed run, for failed jobs.
  std::string stderr_tail;
};

/// Where a task stands; sent a few times a second while it runs.
struct task_progress {
  task_state state = task_state::pending;
  job_counts jobs;
  std::uint64_t running = 0;
  std::uint64_t retried = 0;
  std::uint64_t replicas_run = 0;
  std::uint64_t nodes = 0;
  milliseconds elapsed{0};
};

/// A worker's part in a task.
struct node_report {
  std::string display_name;
  node_id node;
  owner_id owner;
  std::uint64_t replicas = 0;
  std::uint64_t agreed = 0;
  std::uint64_t dissented = 0;
  std::uint64_t failed = 0;
  std::uint64_t lost = 0;
  credits earned;
  ppm reputation{500'000};
};

struct failed_job {
  std::uint64_t index = 0;
  std::string input_name;
  errc code{};
  std::string reason;
  std::string stderr_tail;
};

/// How a task ended.
struct task_report {
  task_id task;
  std::string name;
  task_state state = task_state::pending;
  /// Where it did not complete: why.
  failure problem;
  bytes result;
  job_counts jobs;
  std::uint64_t replicas_run = 0;
  std::uint64_t replicas_agreed = 0;
  std::uint64_t retries = 0;
  std::vector<node_report> nodes;
  /// The first ones, by index of arrival.
  std::vector<failed_job> failed_jobs;
  credits held;
  credits paid;
  credits refunded;
  credits balance_before;
  credits balance_after;
  /// Over all accounts of the network: equal, or credits were lost or made.
  credits network_before;
  credits network_after;
  /// Paid by signed claims, which no third party has witnessed: the balances
  /// are those of the owner's own ledger.
  bool paid_by_claims = false;
  /// Owners that were sent a claim, and those that acknowledged all of theirs.
  std::uint64_t claims_sent = 0;
  std::uint64_t claims_acknowledged = 0;
  milliseconds elapsed{0};
};

struct task_finished {
  task_report report;
};

enum class log_level : std::uint8_t { debug = 1, info, warning, error };

/// What a log line is about, for programs that search logs: "peer" and an id.
/// Never a secret.
struct log_field {
  /// A plain word in lower case; ours, never a peer's.
  std::string name;
  std::string value;

  bool operator==(const log_field&) const = default;
};

/// What a person may want to know of a node.
struct node_logged {
  log_level level = log_level::info;
  std::string node_name;
  std::string message;
  std::vector<log_field> fields = {};
};

using event =
  std::variant<task_planned, receipt_recorded, verdict_recorded, task_progress,
               task_finished, node_logged, worker_certified>;

} // namespace artel
