#include "tools/artel/wire/samples.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string>

namespace artel::tools {

namespace {

constexpr std::chrono::hours year{24 * 365};
constexpr std::uint64_t sample_jobs = 3;
/// How many primes are in 1..1,000, 1,001..2,000 and 2,001..3,000.
constexpr std::array<std::string_view, sample_jobs> sample_outputs{"168", "135",
                                                                   "127"};

} // namespace

key_pair sample_key(std::uint8_t seed_byte) {
  std::array<std::uint8_t, 32> seed;
  seed.fill(seed_byte);
  return key_pair::from_seed(seed);
}

samples::samples()
  : client(sample_key(1)),
    worker(sample_key(2)),
    owner(sample_key(3)),
    root(sample_key(4)),
    seed(sample_key(5)) {
  certify();
  make_request();
  make_offer();
  make_assign();
  make_result();
  make_claim_and_announcement();
}

void samples::certify() {
  ownership.node = worker.node();
  ownership.network = sample_network;
  ownership.issued = sample_time - year;
  ownership.expires = sample_time + year;
  sign_certificate(ownership, owner);

  seed_is_certified.network = sample_network;
  seed_is_certified.seed = seed.node();
  seed_is_certified.config_version_max = config_versions_per_block;
  seed_is_certified.issued = sample_time - year;
  seed_is_certified.expires = sample_time + year;
  sign_certificate(seed_is_certified, root);

  token.network = sample_network;
  token.owner = owner.owner();
  token.issued = sample_time - year;
  token.expires = sample_time + year;
  token.issuer = seed_is_certified;
  sign_certificate(token, seed);

  config.network = sample_network;
  config.root = root.owner();
  config.version = 3;
  config.issued = sample_time;
  config.admission = admission_rule::token;
  config.seeds = {{seed.node(), "192.0.2.1:7100"}};
  config.witnesses = {seed.node()};
  config.revoked_nodes = {sample_key(6).node()};
  config.revoked_owners = {sample_key(7).owner()};
  config.price_floor = microcredits(250);
  sign_config(config, seed, seed_is_certified);
}

void samples::make_request() {
  for (std::size_t i = 0; i < request.task.value.size(); ++i)
    request.task.value[i] = static_cast<std::uint8_t>(0x10 + i);
  request.owner = client.owner();
  request.code.kernel = "count_primes";
  request.jobs = sample_jobs;
}

void samples::make_offer() {
  offer.task = request.task;
  offer.worker = worker.node();
  offer.worker_owner = owner.owner();
  offer.accepted = true;
  offer.price_per_job = microcredits(16'700);
  offer.expires = sample_time + std::chrono::minutes{1};
  offer.offer.cpu_score = 1'000;
  offer.offer.cores = 4;
  offer.offer.ram_bytes = std::uint64_t{8} << 30;
  offer.offer.slots = 4;
  offer.worker_signature = worker.sign(wire::bid_digest(offer).view());
}

void samples::make_assign() {
  auto& terms = assign.terms;
  terms.network = sample_network;
  terms.task = request.task;
  terms.requester = client.node();
  terms.owner = client.owner();
  terms.code = request.code;
  terms.price_per_job = offer.price_per_job;
  terms.expires = sample_time + std::chrono::hours{1};
  auto terms_hash = hash_of(terms);
  for (std::uint64_t job = 0; job < sample_jobs; ++job) {
    wire::job_assignment item;
    item.job = job;
    item.attempt = 1;
    item.input.kind = input_kind::range;
    item.input.first = job * 1'000 + 1;
    item.input.last = (job + 1) * 1'000;
    assignment_leaves.push_back(wire::assignment_leaf(
      terms_hash, worker.node(), job, item.attempt, hash_of(item.input)));
    assign.jobs.push_back(std::move(item));
  }
  assign.batch_signature = sign_batch(client, assignment_leaves);
}

void samples::make_result() {
  const auto& terms = assign.terms;
  for (const auto& item : assign.jobs) {
    wire::job_result_entry entry;
    entry.output = to_bytes(sample_outputs[item.job]);
    auto& body = entry.body;
    body.network = terms.network;
    body.task = terms.task;
    body.job = item.job;
    body.attempt = item.attempt;
    body.requester = client.node();
    body.worker = worker.node();
    body.worker_owner = owner.owner();
    body.code = hash_of(terms.code);
    body.input = hash_of(item.input);
    body.output = output_hash(entry.output);
    body.output_bytes = entry.output.size();
    body.price = terms.price_per_job;
    body.started = sample_time + milliseconds{40};
    body.wall_time_used = milliseconds{2};
    body.cpu_time_used = milliseconds{1};
    receipt_leaves.push_back(receipt_leaf(body));
    result.entries.push_back(std::move(entry));
  }
  result.batch_signature = sign_batch(worker, receipt_leaves);

  verdict.network = terms.network;
  verdict.task = terms.task;
  verdict.requester = client.node();
  verdict.output = result.entries.front().body.output;
  verdict.accepted = true;
  verdict.agreeing = {1};
  verdict.price_per_replica = terms.price_per_job;
}

void samples::make_claim_and_announcement() {
  claim.network = sample_network;
  claim.task = request.task;
  claim.payer_owner = client.owner();
  claim.payee = owner.owner();
  claim.amount = microcredits(offer.price_per_job.micro * 3);
  claim.jobs = sample_jobs;
  claim.issued = sample_time + milliseconds{60};
  sign_claim(claim, client);

  announcement.network = sample_network;
  announcement.port = 7'100;
  announcement.sequence = 1'700'000'000'001;
  announcement.sent = sample_time;
  sign_announcement(announcement, worker);
}

} // namespace artel::tools
