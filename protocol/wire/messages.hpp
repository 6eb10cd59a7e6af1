// Every payload that travels in an envelope, one struct each. Messages about
// jobs are batches: one message carries what a turn produced for one peer, and
// one signature covers it.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/errc.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/core/units.hpp"
#include "protocol/economy/payment_claim.hpp"
#include "protocol/governance/network_config.hpp"
#include "protocol/identity/certificates.hpp"
#include "protocol/identity/merkle.hpp"
#include "protocol/task/blob.hpp"
#include "protocol/task/execution_limits.hpp"
#include "protocol/task/job_input.hpp"
#include "protocol/task/output_file.hpp"
#include "protocol/task/task_spec.hpp"
#include "protocol/task/task_terms.hpp"
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/fields.hpp"

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace artel::wire {

/// The version of all schemas below. Nodes of different versions refuse each
/// other in the handshake, by name.
inline constexpr std::uint32_t protocol_version = 1;

// -- nodes and links ----------------------------------------------------------

enum class node_role : std::uint8_t {
  seed = 1,
  public_ = 2,
  client = 3,
  specialised = 4,
};

std::string_view to_string(node_role role) noexcept;

/// What a node offers (measured at start) and how busy it is.
struct capabilities {
  static constexpr std::string_view type_name = "capabilities";

  /// 1000 = one core of the reference machine; measured by a short loop.
  std::uint32_t cpu_score = 0;
  std::uint32_t cores = 0;
  std::uint64_t ram_bytes = 0;
  std::uint64_t disk_bytes = 0;
  std::uint32_t gpu_score = 0;
  /// Current use, in thousandths.
  std::uint32_t cpu_use_permille = 0;
  std::uint32_t ram_use_permille = 0;
  /// Jobs that run at the same time (sandbox slots).
  std::uint32_t slots = 0;
  std::uint32_t concurrent_tasks_max = 10;
  /// Bundles that need not be sent again.
  std::vector<hash256> cached_bundles;

  bool operator==(const capabilities&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("cpu_score", self.cpu_score);
    visit("cores", self.cores);
    visit("ram_bytes", self.ram_bytes);
    visit("disk_bytes", self.disk_bytes);
    visit("gpu_score", self.gpu_score);
    visit("cpu_use_permille", self.cpu_use_permille);
    visit("ram_use_permille", self.ram_use_permille);
    visit("slots", self.slots);
    visit("concurrent_tasks_max", self.concurrent_tasks_max);
    visit("cached_bundles", self.cached_bundles);
  }
};

/// First on every link, from both sides. `reply` tells the answer from the
/// opening, so that two nodes that dial each other don't answer for ever.
struct handshake {
  static constexpr std::string_view type_name = "handshake";

  std::uint32_t version = protocol_version;
  std::string network;
  node_id node;
  owner_id owner;
  /// Shows that the owner speaks for the node; none where it is its own.
  owner_certificate ownership;
  /// Shows that the node is a seed; none otherwise.
  seed_certificate seed;
  /// Where the network asks for one; none otherwise.
  join_token token;
  /// The newest network_config that it knows.
  std::uint64_t config_version = 0;
  /// A name for people; not unique, proves nothing.
  std::string display_name;
  node_role role = node_role::public_;
  /// Where it says that it listens; empty: nowhere.
  std::string address;
  bool reply = false;

  bool operator==(const handshake&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("version", self.version);
    visit("network", self.network);
    visit("node", self.node);
    visit("owner", self.owner);
    visit("ownership", self.ownership);
    visit("seed", self.seed);
    visit("token", self.token);
    visit("config_version", self.config_version);
    visit("display_name", self.display_name);
    visit("role", self.role);
    visit("address", self.address);
    visit("reply", self.reply);
  }
};

/// Instead of a handshake's reply: why not, in words.
struct handshake_refused {
  static constexpr std::string_view type_name = "handshake_refused";

  errc code{};
  std::string reason;

  bool operator==(const handshake_refused&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("code", self.code);
    visit("reason", self.reason);
  }
};

/// Last on a link that its sender closes, where there is time for it.
struct goodbye {
  static constexpr std::string_view type_name = "goodbye";

  /// revoked and refused: don't come back; all else: later, perhaps.
  errc code{};
  std::string reason;

  bool operator==(const goodbye&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("code", self.code);
    visit("reason", self.reason);
  }
};

/// A network's config, to whoever knows an older one: after a handshake that
/// says so, and whenever it changes.
struct network_update {
  static constexpr std::string_view type_name = "network_update";

  network_config config;

  bool operator==(const network_update&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("config", self.config);
  }
};

struct ping {
  static constexpr std::string_view type_name = "ping";

  std::uint64_t nonce = 0;

  bool operator==(const ping&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("nonce", self.nonce);
  }
};

struct pong {
  static constexpr std::string_view type_name = "pong";

  std::uint64_t nonce = 0;

  bool operator==(const pong&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("nonce", self.nonce);
  }
};

/// How another node can be reached; learned, not proven, until dialled.
struct peer_address {
  static constexpr std::string_view type_name = "peer_address";

  node_id node;
  node_role role = node_role::public_;
  std::string address;

  bool operator==(const peer_address&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("node", self.node);
    visit("role", self.role);
    visit("address", self.address);
  }
};

/// Asks for addresses (`request` true) or gives some.
struct peer_exchange {
  static constexpr std::string_view type_name = "peer_exchange";

  bool request = false;
  std::vector<peer_address> peers;

  bool operator==(const peer_exchange&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("request", self.request);
    visit("peers", self.peers);
  }
};

// -- bids ---------------------------------------------------------------------

/// What a task needs of a worker, and what it would pay.
struct bid_request {
  static constexpr std::string_view type_name = "bid_request";

  task_id task;
  owner_id owner;
  code_ref code;
  execution_limits limits;
  /// Thousandths of a core, of a GPU; bytes of memory and disk.
  std::uint32_t cpu_permille = 1000;
  std::uint32_t gpu_permille = 0;
  std::uint64_t ram_bytes = 0;
  std::uint64_t disk_bytes = 0;
  /// What the price follows from: how long a job is declared to take, how many
  /// jobs there are, and how urgent they are.
  milliseconds estimate{1'000};
  std::uint64_t jobs = 1;
  urgency_level urgency = urgency_level::normal;

  bool operator==(const bid_request&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("task", self.task);
    visit("owner", self.owner);
    visit("code", self.code);
    visit("limits", self.limits);
    visit("cpu_permille", self.cpu_permille);
    visit("gpu_permille", self.gpu_permille);
    visit("ram_bytes", self.ram_bytes);
    visit("disk_bytes", self.disk_bytes);
    visit("estimate_ms", self.estimate);
    visit("jobs", self.jobs);
    visit("urgency", self.urgency);
  }
};

/// A worker's answer: signed, and good until it expires. A refusal has
/// `accepted` false, says why, and is not signed.
struct bid {
  static constexpr std::string_view type_name = "bid";

  task_id task;
  node_id worker;
  owner_id worker_owner;
  bool accepted = false;
  std::string refusal;
  /// The least this worker takes for one replica of one job.
  credits price_per_job;
  wall_time expires{};
  capabilities offer;
  /// Jobs it holds for others right now.
  std::uint32_t queued_jobs = 0;
  /// Over bid_digest().
  signature worker_signature;

  bool operator==(const bid&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("task", self.task);
    visit("worker", self.worker);
    visit("worker_owner", self.worker_owner);
    visit("accepted", self.accepted);
    visit("refusal", self.refusal);
    visit("price_per_job", self.price_per_job);
    visit("expires", self.expires);
    visit("offer", self.offer);
    visit("queued_jobs", self.queued_jobs);
    visit("worker_signature", self.worker_signature);
  }
};

/// What a bid's signature covers: the canonical encoding with the signature
/// zeroed, in the domain "artel.bid.v1".
hash256 bid_digest(const bid& offer);

// -- jobs ---------------------------------------------------------------------

/// One replica of one job, as assigned to one worker.
struct job_assignment {
  static constexpr std::string_view type_name = "job_assignment";

  std::uint64_t job = 0;
  std::uint32_t attempt = 0;
  /// Without its data where `input_blob` names them.
  job_input input;
  blob_ref input_blob;
  /// URLs that have the same bytes, for workers that may fetch them.
  std::vector<std::string> sources;

  bool operator==(const job_assignment&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("job", self.job);
    visit("attempt", self.attempt);
    visit("input", self.input);
    visit("input_blob", self.input_blob);
    visit("sources", self.sources);
  }
};

/// The owner's signed promise: these jobs, at these terms.
struct job_assign {
  static constexpr std::string_view type_name = "job_assign";

  task_terms terms;
  std::vector<job_assignment> jobs;
  /// Other nodes that are likely to have the code and the inputs: a hint.
  std::vector<node_id> holders;
  /// By the requesting node, over the Merkle root of assignment_leaf() of jobs.
  signature batch_signature;

  bool operator==(const job_assign&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("terms", self.terms);
    visit("jobs", self.jobs);
    visit("holders", self.holders);
    visit("batch_signature", self.batch_signature);
  }
};

/// The Merkle leaf of one assignment: the terms' hash, the worker, the job,
/// the attempt and the input's hash, in the domain "artel.assignment.v1".
hash256 assignment_leaf(const hash256& terms, const node_id& worker,
                        std::uint64_t job, std::uint32_t attempt,
                        const hash256& input) noexcept;

/// Names one attempt within a message.
struct attempt_ref {
  static constexpr std::string_view type_name = "attempt_ref";

  task_id task;
  std::uint64_t job = 0;
  std::uint32_t attempt = 0;

  auto operator<=>(const attempt_ref&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("task", self.task);
    visit("job", self.job);
    visit("attempt", self.attempt);
  }
};

/// The worker has queued these attempts; stops the resending of assignments.
struct job_ack {
  static constexpr std::string_view type_name = "job_ack";

  std::vector<attempt_ref> attempts;

  bool operator==(const job_ack&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("attempts", self.attempts);
  }
};

/// What a run left, where it travels as a blob.
struct run_output {
  static constexpr std::string_view type_name = "run_output";

  bytes output;
  std::vector<output_file> files;

  bool operator==(const run_output&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("output", self.output);
    visit("files", self.files);
  }
};

/// One attempt's end: the receipt, and the output that it commits to.
struct job_result_entry {
  static constexpr std::string_view type_name = "job_result_entry";

  receipt body;
  /// Both empty where `output_blob` names them.
  bytes output;
  std::vector<output_file> files;
  /// The encoding of a run_output, to be fetched from the worker.
  blob_ref output_blob;
  /// The end of standard error; only for runs that failed.
  std::string stderr_tail;

  bool operator==(const job_result_entry&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("receipt", self.body);
    visit("output", self.output);
    visit("files", self.files);
    visit("output_blob", self.output_blob);
    visit("stderr_tail", self.stderr_tail);
  }
};

/// What a worker's turn produced for one owner, under one signature.
struct job_result {
  static constexpr std::string_view type_name = "job_result";

  std::vector<job_result_entry> entries;
  /// By the worker, over the Merkle root of receipt_leaf() of the entries.
  signature batch_signature;

  bool operator==(const job_result&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("entries", self.entries);
    visit("batch_signature", self.batch_signature);
  }
};

/// The owner has these results; the worker forgets them.
struct job_result_ack {
  static constexpr std::string_view type_name = "job_result_ack";

  std::vector<attempt_ref> attempts;

  bool operator==(const job_result_ack&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("attempts", self.attempts);
  }
};

/// The worker hands an attempt back without having run it.
struct job_fail {
  static constexpr std::string_view type_name = "job_fail";

  attempt_ref attempt;
  errc code{};
  std::string reason;

  bool operator==(const job_fail&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("attempt", self.attempt);
    visit("code", self.code);
    visit("reason", self.reason);
  }
};

/// The owner no longer wants these attempts.
struct job_cancel {
  static constexpr std::string_view type_name = "job_cancel";

  std::vector<attempt_ref> attempts;

  bool operator==(const job_cancel&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("attempts", self.attempts);
  }
};

struct lease {
  static constexpr std::string_view type_name = "lease";

  attempt_ref attempt;
  /// False while the job waits in the worker's queue.
  bool running = false;

  bool operator==(const lease&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("attempt", self.attempt);
    visit("running", self.running);
  }
};

/// Every 100 ms from a worker to each owner whose jobs it holds: all of them.
struct heartbeat {
  static constexpr std::string_view type_name = "heartbeat";

  std::vector<lease> leases;

  bool operator==(const heartbeat&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("leases", self.leases);
  }
};

// -- payments
// ------------------------------------------------------------------

/// What a task's owner owes the receiving node's owner; sent again until
/// acknowledged.
struct payment {
  static constexpr std::string_view type_name = "payment";

  payment_claim claim;

  bool operator==(const payment&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("claim", self.claim);
  }
};

struct payment_ack {
  static constexpr std::string_view type_name = "payment_ack";

  task_id task;
  /// The largest amount that it has a claim for.
  credits amount;

  bool operator==(const payment_ack&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("task", self.task);
    visit("amount", self.amount);
  }
};

// -- blobs --------------------------------------------------------------------

/// Asks for pieces of a blob.
struct blob_request {
  static constexpr std::string_view type_name = "blob_request";

  hash256 blob;
  std::vector<std::uint32_t> pieces;

  bool operator==(const blob_request&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("blob", self.blob);
    visit("pieces", self.pieces);
  }
};

/// A piece with its proof.
struct blob_piece {
  static constexpr std::string_view type_name = "blob_piece";

  hash256 blob;
  std::uint64_t total_bytes = 0;
  std::uint32_t index = 0;
  /// False where the sender does not have it: then path and data are empty.
  bool known = false;
  std::vector<hash256> path;
  bytes data;

  bool operator==(const blob_piece&) const = default;

  template <class Self, class Visitor>
  static constexpr void fields(Self& self, Visitor&& visit) {
    visit("blob", self.blob);
    visit("total_bytes", self.total_bytes);
    visit("index", self.index);
    visit("known", self.known);
    visit("path", self.path);
    visit("data", self.data);
  }
};

} // namespace artel::wire
