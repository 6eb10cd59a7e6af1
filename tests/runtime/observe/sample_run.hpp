// A small task as it would have gone: three workers, one of whom lies, and
// everything signed.
#pragma once

#include "actors/events.hpp"
#include "protocol/identity/hash.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "protocol/task/job_input.hpp"
#include "protocol/task/task_terms.hpp"
#include "runtime/observe/receipt_record.hpp"

#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace artel::test {

/// Job i gives i + 10. Those in `failing` end without a verdict; those in
/// `with_files` leave two files besides.
struct sample_run {
  static constexpr std::uint64_t jobs = 4;

  // Before the first key is made.
  bool ready = (initialize_crypto(), true);
  random_generator random = random_generator::from_number(42);
  key_pair requester = key_pair::generate(random);
  std::vector<key_pair> workers;
  runtime::task_record record;
  std::vector<receipt_recorded> receipts;
  std::vector<verdict_recorded> verdicts;
  task_report report;

  explicit sample_run(std::set<std::uint64_t> failing = {},
                      std::set<std::uint64_t> with_files = {})
    : with_files_(std::move(with_files)) {
    for (int i = 0; i < 3; ++i)
      workers.push_back(key_pair::generate(random));
    make_record();
    for (std::uint64_t job = 0; job < jobs; ++job) {
      for (std::uint32_t worker = 0; worker < 3; ++worker)
        add_receipt(job, worker, failing.contains(job));
      add_verdict(job, failing.contains(job));
    }
    sign();
    make_report(failing.size());
  }

  static std::string output_of(std::uint64_t job) {
    return std::to_string(job + 10);
  }

  std::vector<output_file> files_of(std::uint64_t job) const {
    if (!with_files_.contains(job))
      return {};
    return {{"a.txt", to_bytes("a")}, {"sub/b", to_bytes(output_of(job))}};
  }

  /// All lines, in the order in which a task gives them.
  std::vector<runtime::json> lines() const {
    std::vector<runtime::json> all{runtime::record_json(record)};
    for (std::uint64_t job = 0; job < jobs; ++job) {
      for (std::uint64_t i = 0; i < 3; ++i)
        all.push_back(runtime::record_json(receipts[job * 3 + i]));
      all.push_back(runtime::record_json(verdicts[job], 4096));
    }
    all.push_back(runtime::record_json(report));
    return all;
  }

  /// The file's text with sound chains, whatever the lines say.
  static std::string text_of(const std::vector<runtime::json>& lines) {
    hash256 chain;
    std::string text;
    for (const auto& line : lines)
      text += runtime::chained_line(line, chain);
    return text;
  }

  std::string text() const { return text_of(lines()); }

private:
  std::set<std::uint64_t> with_files_;

  void make_record() {
    record.task = random.id<task_id>();
    record.started = wall_time{milliseconds{1'700'000'000'000}};
    record.file_name = "sample.toml";
    record.directory = "/";
    record.text = "[code]\nkernel = \"count_primes\"\n[reduce]\nop = \"sum\"\n"
                  "[input]\nrange = \"1..100\"\nchunks = 4\n";
    record.source.kind = source_kind::range;
    record.source.first = 1;
    record.source.last = 100;
    record.source.chunks = jobs;
    code_ref code;
    code.kernel = "count_primes";
    record.code = hash_of(code);
  }

  void add_receipt(std::uint64_t job, std::uint32_t worker, bool fails) {
    auto chunk = chunk_plan{record.source}.at(job);
    receipt_recorded item;
    auto& body = item.item.body;
    body.network = "test";
    body.task = record.task;
    body.job = job;
    body.attempt = worker + 1;
    body.requester = requester.node();
    body.worker = workers[worker].node();
    body.worker_owner = workers[worker].owner();
    body.code = record.code;
    body.input =
      hash_of(job_input{chunk.kind, chunk.first, chunk.last, {}, {}});
    if (fails) {
      body.outcome = run_outcome::nonzero_exit;
      body.exit_code = 3;
      item.stderr_tail = "no luck \xff";
    } else {
      // The last worker lies.
      auto output = worker == 2 ? "lie" : output_of(job);
      auto files = files_of(job);
      body.output = output_hash(as_bytes(output), hash_of(files));
      body.output_bytes = output.size() + total_bytes(files);
    }
    body.price = credits{250'000};
    body.started = record.started + milliseconds{10};
    body.wall_time_used = milliseconds{5};
    body.cpu_time_used = milliseconds{4};
    body.memory_peak_bytes = 4096;
    item.worker_name = "worker-" + std::to_string(worker + 1);
    receipts.push_back(std::move(item));
  }

  void add_verdict(std::uint64_t job, bool fails) {
    verdict_recorded item;
    auto& body = item.item.body;
    body.network = "test";
    body.task = record.task;
    body.job = job;
    body.requester = requester.node();
    body.accepted = !fails;
    body.price_per_replica = credits{250'000};
    item.input_name = "chunk " + std::to_string(job);
    if (fails) {
      body.reason = "exit code 3";
      item.failure_code = errc::execution_failed;
      item.stderr_tail = "no luck";
    } else {
      item.output = to_bytes(output_of(job));
      item.files = files_of(job);
      body.output = output_hash(item.output, hash_of(item.files));
      body.agreeing = {1, 2};
      body.dissenting = {3};
    }
    verdicts.push_back(std::move(item));
  }

  void sign() {
    for (std::uint32_t worker = 0; worker < 3; ++worker) {
      std::vector<hash256> leaves;
      for (std::uint64_t job = 0; job < jobs; ++job)
        leaves.push_back(receipt_leaf(receipts[job * 3 + worker].item.body));
      auto proofs = make_proofs(leaves, sign_batch(workers[worker], leaves));
      for (std::uint64_t job = 0; job < jobs; ++job)
        receipts[job * 3 + worker].item.proof = proofs[job];
    }
    std::vector<hash256> leaves;
    for (const auto& one : verdicts)
      leaves.push_back(verdict_leaf(one.item.body));
    auto proofs = make_proofs(leaves, sign_batch(requester, leaves));
    for (std::uint64_t job = 0; job < jobs; ++job)
      verdicts[job].item.proof = proofs[job];
  }

  void make_report(std::uint64_t failed) {
    auto completed = jobs - failed;
    report.task = record.task;
    report.name = "sample";
    report.state = failed == 0 ? task_state::completed : task_state::failed;
    if (failed > 0)
      report.problem = {errc::execution_failed, "jobs failed"};
    report.jobs = {jobs, jobs, completed, failed, 0};
    report.replicas_run = jobs * 3;
    report.replicas_agreed = completed * 2;
    report.held = credits{4'000'000};
    report.paid = credits{static_cast<std::int64_t>(completed) * 500'000};
    report.refunded = credits{report.held.micro - report.paid.micro};
    report.balance_before = whole_credits(100);
    report.balance_after = credits{100'000'000 - report.paid.micro};
    report.network_before = report.network_after = whole_credits(400);
    report.result = to_bytes("46");
    report.elapsed = milliseconds{123};
    node_report node;
    node.display_name = "worker-1";
    node.node = workers[0].node();
    node.owner = workers[0].owner();
    node.replicas = jobs;
    node.agreed = completed;
    node.earned = credits{report.paid.micro / 2};
    report.nodes.push_back(node);
  }
};

} // namespace artel::test
