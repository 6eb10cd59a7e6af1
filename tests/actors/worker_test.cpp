// Bundles, caches, what a worker refuses, and whose attempts are whose.
#include "protocol/identity/merkle.hpp"
#include "protocol/wire/envelope.hpp"
#include "tests/actors/checks.hpp"
#include "tests/actors/stranger.hpp"
#include "tests/actors/world.hpp"

#include <doctest/doctest.h>

#include <map>

using namespace artel;
using namespace artel::testing;

namespace {

std::shared_ptr<const code_bundle> make_bundle(std::size_t size) {
  code_bundle made;
  made.main = "program";
  bytes data(size);
  auto random = random_generator::from_number(size);
  random.fill(data);
  made.files.push_back({"program", true, std::move(data)});
  return std::make_shared<const code_bundle>(std::move(made));
}

task_spec bundle_task(const code_bundle& bundle) {
  auto spec = primes_task(1'000, 30);
  spec.code = {};
  spec.code.bundle = hash_of(bundle);
  spec.code.bundle_bytes = encode_bundle(bundle).size();
  return spec;
}

class memory_storage final : public bundle_storage {
public:
  std::optional<bytes> find(const hash256& id) override {
    auto found = kept.find(id);
    return found != kept.end() ? std::optional{found->second} : std::nullopt;
  }
  void keep(const hash256& id, bytes_view encoded) override {
    kept[id] = bytes{encoded.begin(), encoded.end()};
  }

  std::map<hash256, bytes> kept;
};

node_setup storing_worker(std::string name,
                          std::shared_ptr<bundle_storage> storage) {
  node_setup setup;
  setup.name = std::move(name);
  setup.slots = 1;
  setup.bundles = std::move(storage);
  return setup;
}

/// Counts the pieces of bundles that each worker is sent.
std::shared_ptr<std::map<std::string, int>> count_pieces(world& net) {
  auto pieces = std::make_shared<std::map<std::string, int>>();
  net.links->tap = [pieces](const std::string&, const std::string& to,
                            bytes& frame) {
    auto items = *wire::decode_frame(frame);
    for (const auto& item : items)
      (*pieces)[to] += item.type == wire::blob_piece::type_name;
    return true;
  };
  return pieces;
}

} // namespace

TEST_CASE("a bundle travels in pieces, once a worker, for any number of jobs") {
  world net{1};
  auto bundle = make_bundle(700 << 10);
  net.add_client();
  auto same = true;
  net.add_workers(4, [&](const sandbox::run_request& request) {
    same = same && request.bundle != nullptr && *request.bundle == *bundle;
    return honest(request);
  });
  net.connect();
  auto pieces = count_pieces(net);
  auto task = net.submit(bundle_task(*bundle), {bundle});
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(as_text(task->report->result) == "168");
  CHECK(same);
  for (std::size_t i = 1; i < net.nodes.size(); ++i)
    CHECK((*pieces)[net.nodes[i].setup.name] == 3);
  check_settled(net, *task);

  // The next task with it needs none.
  pieces->clear();
  auto next = net.submit(bundle_task(*bundle), {bundle});
  REQUIRE(net.await(next));
  CHECK(next->report->state == task_state::completed);
  for (const auto& one : next->plan->candidates)
    CHECK(one.offer.offer.cached_bundles
          == std::vector<hash256>{hash_of(*bundle)});
  for (const auto& [to, count] : *pieces)
    CHECK(count == 0);
}

TEST_CASE("bundles out of a worker's storage need not travel") {
  std::map<std::string, std::shared_ptr<memory_storage>> storages;
  for (const auto* name : {"one", "two", "three"})
    storages[name] = std::make_shared<memory_storage>();
  auto bundle = make_bundle(700 << 10);
  auto run_once = [&](std::uint64_t seed) {
    world net{seed};
    net.add_client();
    for (const auto& [name, storage] : storages)
      net.add_node(storing_worker(name, storage));
    net.connect();
    auto pieces = count_pieces(net);
    auto task = net.submit(bundle_task(*bundle), {bundle});
    REQUIRE(net.await(task));
    CHECK(task->report->state == task_state::completed);
    check_settled(net, *task);
    std::uint64_t total = 0;
    for (const auto& [to, count] : *pieces)
      total += count;
    return total;
  };
  CHECK(run_once(1) == 9);
  for (const auto& [name, storage] : storages)
    CHECK(storage->kept.size() == 1);
  CHECK(run_once(2) == 0);
  // What was damaged is fetched again.
  storages["two"]->kept.begin()->second[1000] ^= 1;
  CHECK(run_once(3) == 3);
  CHECK(run_once(4) == 0);
}

TEST_CASE("pieces that are lost are asked for again") {
  world net{2};
  auto bundle = make_bundle(700 << 10);
  net.add_client();
  net.add_workers(4);
  net.connect();
  net.links->faults.loss = 300'000;
  auto task = net.submit(bundle_task(*bundle), {bundle});
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  check_settled(net, *task);
}

TEST_CASE("jobs whose bundle the owner does not have are handed back") {
  world net{3};
  auto bundle = make_bundle(1'000);
  net.add_client();
  net.add_workers(4);
  net.connect();
  auto task = net.submit(bundle_task(*bundle));
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::failed);
  CHECK(task->report->problem.code == errc::not_found);
  REQUIRE_FALSE(task->report->failed_jobs.empty());
  CHECK(task->report->failed_jobs[0].reason
        == "the bundle: none of the nodes asked has it");
  CHECK(task->report->paid.micro == 0);
  check_settled(net, *task);
  check_idle(net);
}

TEST_CASE("a bundle that is not what its hash says is not run") {
  world net{4};
  auto bundle = make_bundle(1'000);
  net.add_client();
  net.add_workers(4);
  net.connect();
  auto spec = bundle_task(*bundle);
  // The owner serves it under a name that is another's.
  spec.code.bundle = hash_of(*make_bundle(1'001));
  net.links->tap = [&](const std::string& from, const std::string&,
                       bytes& frame) {
    if (from != "client")
      return true;
    auto items = *wire::decode_frame(frame);
    for (auto& item : items) {
      auto payload = *wire::decode_payload(item);
      if (auto* piece = std::get_if<wire::blob_piece>(&payload)) {
        auto encoded = encode_bundle(*bundle);
        piece->known = true;
        piece->path = piece_path(encoded, 0);
        piece->total_bytes = encoded.size();
        piece->data = std::move(encoded);
        item.payload = wire::encode_payload(payload);
      }
    }
    frame = wire::encode_frame(items);
    return true;
  };
  auto task = net.submit(spec, {bundle});
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::failed);
  CHECK(task->report->problem.code == errc::bad_signature);
  std::uint64_t started = 0;
  for (const auto& node : net.nodes)
    started += node.log->started;
  CHECK(started == 0);
  check_settled(net, *task);
}

TEST_CASE("a task asks for no more than a worker has") {
  world net{5};
  net.add_client();
  net.add_workers(3);
  net.connect();
  auto refuse = [&](task_spec spec, std::string_view why) {
    auto report = net.run(std::move(spec));
    CHECK(report.problem.code == errc::no_workers);
    CAPTURE(report.problem.message);
    CHECK(report.problem.message.find(why) != std::string::npos);
  };
  auto spec = primes_task(1'000, 5);
  spec.cpu_permille = 5'000;
  refuse(spec, "needs 5000 thousandths of a core");
  spec = primes_task(1'000, 5);
  spec.gpu_permille = 1'000;
  refuse(spec, "needs a GPU");
  spec = primes_task(1'000, 5);
  spec.ram_bytes = std::uint64_t{9} << 30;
  refuse(spec, "bytes of memory");
  spec = primes_task(1'000, 5);
  spec.disk_bytes = std::uint64_t{9} << 30;
  refuse(spec, "bytes of disk");
}

TEST_CASE("an assignment whose signature was changed is dropped") {
  world net{6};
  net.add_client();
  net.add_workers(4);
  net.connect();
  auto forged = 0;
  net.links->tap = [&](const std::string&, const std::string& to,
                       bytes& frame) {
    if (to != "worker-1")
      return true;
    auto items = *wire::decode_frame(frame);
    for (auto& item : items) {
      auto payload = *wire::decode_payload(item);
      if (auto* assign = std::get_if<wire::job_assign>(&payload)) {
        ++forged;
        assign->terms.price_per_job.micro += 1;
        item.payload = wire::encode_payload(payload);
      }
    }
    frame = wire::encode_frame(items);
    return true;
  };
  auto task = net.submit(primes_task(1'000, 20));
  REQUIRE(net.await(task));
  CHECK(forged > 0);
  CHECK(net.nodes[1].log->started == 0);
  CHECK(net.has_log("the signature does not fit"));
  CHECK(task->report->state == task_state::completed);
  check_settled(net, *task);
}

// -- attempts of several requesters -------------------------------------------

namespace {

/// A task of that id; its requester says what it likes.
constexpr wire::attempt_ref shared_name{task_id{{7}}, 3, 1};

/// A node without tasks of its own that a worker has a link to, and which gives
/// it an attempt of a name that others may use as well.
struct requester {
  requester(world& world, std::string name)
    : net(world),
      other(net, std::move(name), "worker-0"),
      worker(net.nodes[0].environment->id()) {
    other.shake_hands();
    terms.network = network_name;
    terms.task = shared_name.task;
    terms.requester = other.node();
    terms.owner = other.key().owner();
    terms.code.kernel = "count_primes";
    terms.expires = net.calendar() + std::chrono::hours{1};
  }

  void ask_bid() {
    wire::bid_request request;
    request.task = shared_name.task;
    request.owner = other.key().owner();
    request.code = terms.code;
    other.post(request);
    net.run_for(milliseconds{20});
    auto bids = other.heard<wire::bid>();
    REQUIRE_FALSE(bids.empty());
    REQUIRE(bids.back().accepted);
    terms.price_per_job = bids.back().price_per_job;
  }

  /// To count the primes up to there.
  void assign(std::uint64_t last) {
    wire::job_assign message;
    message.terms = terms;
    wire::job_assignment job;
    job.job = shared_name.job;
    job.attempt = shared_name.attempt;
    job.input.kind = input_kind::range;
    job.input.first = 1;
    job.input.last = last;
    message.jobs = {job};
    auto leaf = wire::assignment_leaf(hash_of(terms), worker, job.job,
                                      job.attempt, hash_of(job.input));
    message.batch_signature = sign_batch(other.key(), std::span{&leaf, 1});
    other.post(message);
  }

  void cancel() { other.post(wire::job_cancel{{shared_name}}); }
  void acknowledge() { other.post(wire::job_result_ack{{shared_name}}); }

  /// What came of it, each time that it came.
  std::vector<std::string> outputs() const {
    std::vector<std::string> all;
    for (const auto& batch : other.heard<wire::job_result>())
      for (const auto& entry : batch.entries) {
        CHECK(entry.body.requester == other.node());
        CHECK(entry.body.task == shared_name.task);
        all.push_back(entry.body.outcome == run_outcome::completed
                        ? std::string{as_text(entry.output)}
                        : std::string{to_string(entry.body.outcome)});
      }
    return all;
  }

  std::vector<std::string> refusals() const {
    std::vector<std::string> all;
    for (const auto& one : other.heard<wire::job_fail>())
      all.push_back(one.reason);
    return all;
  }

  world& net;
  stranger other;
  node_id worker;
  task_terms terms;
};

/// Runs take a second.
scripted_run slow(const sandbox::run_request& request) {
  auto run = honest(request);
  run.duration = milliseconds{1'000};
  return run;
}

struct shared_worker {
  explicit shared_worker(std::uint64_t seed) : net(seed) {
    node_setup setup;
    setup.name = "worker-0";
    setup.slots = 2;
    setup.runs = slow;
    net.add_node(setup);
  }

  executor_log& log() { return *net.nodes[0].log; }

  worker_status status() {
    auto whole = net.ask<node_status>(net.nodes[0].actor, query_node{});
    return whole.worker;
  }

  world net;
};

const std::string ten{"4"};
const std::string hundred{"25"};

} // namespace

TEST_CASE("attempts of one name from two requesters are run each by itself") {
  shared_worker one{20};
  requester first{one.net, "first"};
  requester second{one.net, "second"};
  for (auto* each : {&first, &second})
    each->ask_bid();
  first.assign(10);
  second.assign(100);
  // Each again, as where the acknowledgement is lost.
  first.assign(10);
  second.assign(100);
  // Before anything is sent again.
  one.net.run_for(milliseconds{1'050});
  CHECK(one.log().started == 2);
  CHECK(first.outputs().front() == ten);
  CHECK(second.outputs().front() == hundred);
  // Until each has said that it has it, and no longer.
  first.acknowledge();
  auto heard = first.outputs().size();
  one.net.run_for(milliseconds{3'000});
  CHECK(first.outputs().size() == heard);
  CHECK(second.outputs().size() > 1);
  for (const auto& output : second.outputs())
    CHECK(output == hundred);
  CHECK(one.status().unclaimed == 1);
  second.acknowledge();
  CHECK(one.status().unclaimed == 0);
  CHECK(one.log().started == 2);
}

TEST_CASE(
  "who was made no bid gets nothing by another's name, and harms none") {
  shared_worker one{21};
  requester first{one.net, "first"};
  requester second{one.net, "second"};
  first.ask_bid();
  first.assign(10);
  second.terms.price_per_job = first.terms.price_per_job;
  second.assign(100);
  one.net.run_for(milliseconds{20});
  CHECK(second.refusals()
        == std::vector<std::string>{"there is no bid at this price"});
  CHECK(second.other.heard<wire::job_ack>().empty());
  one.net.run_for(milliseconds{1'100});
  CHECK(one.log().started == 1);
  CHECK(first.outputs().front() == ten);
  CHECK(first.refusals().empty());
  CHECK(second.outputs().empty());
}

TEST_CASE("an assignment in another requester's name is dropped") {
  shared_worker one{22};
  requester first{one.net, "first"};
  requester second{one.net, "second"};
  for (auto* each : {&first, &second})
    each->ask_bid();
  SUBCASE("by its key") {
    second.terms.requester = first.terms.requester;
  }
  SUBCASE("by its owner") {
    second.terms.owner = first.terms.owner;
  }
  second.assign(100);
  one.net.run_for(milliseconds{1'100});
  CHECK(one.log().started == 0);
  CHECK(one.net.has_log("the signature does not fit"));
  first.assign(10);
  one.net.run_for(milliseconds{1'100});
  CHECK(first.outputs().front() == ten);
}

TEST_CASE("a cancellation ends the attempt of who sends it, and no other") {
  shared_worker one{23};
  requester first{one.net, "first"};
  requester second{one.net, "second"};
  for (auto* each : {&first, &second})
    each->ask_bid();
  first.assign(10);
  SUBCASE("who has none of that name cancels nothing") {
    one.net.run_for(milliseconds{500});
    second.cancel();
    one.net.run_for(milliseconds{600});
    CHECK(one.log().stopped == 0);
    CHECK(first.outputs().front() == ten);
    // Nor does it lose the name.
    second.assign(100);
    one.net.run_for(milliseconds{1'100});
    CHECK(second.outputs().front() == hundred);
  }
  SUBCASE("who has one cancels its own") {
    second.assign(100);
    one.net.run_for(milliseconds{500});
    CHECK(one.log().running() == 2);
    second.cancel();
    one.net.run_for(milliseconds{600});
    CHECK(one.log().stopped == 1);
    CHECK(first.outputs().front() == ten);
    CHECK(second.outputs().empty());
    // What has ended stays so.
    second.assign(100);
    one.net.run_for(milliseconds{1'100});
    CHECK(one.log().started == 2);
    CHECK(second.outputs().empty());
  }
}

TEST_CASE("a result is kept until its own requester acknowledges it") {
  shared_worker one{24};
  requester first{one.net, "first"};
  requester second{one.net, "second"};
  first.ask_bid();
  first.assign(10);
  // Of what is running, and of what is done.
  second.acknowledge();
  first.acknowledge();
  one.net.run_for(milliseconds{1'100});
  REQUIRE_FALSE(first.outputs().empty());
  second.acknowledge();
  second.cancel();
  auto heard = first.outputs().size();
  one.net.run_for(milliseconds{3'000});
  CHECK(first.outputs().size() > heard);
  CHECK(one.status().unclaimed == 1);
  first.acknowledge();
  CHECK(one.status().unclaimed == 0);
}

TEST_CASE("a requester's link that ends takes its attempts along, no others") {
  shared_worker one{25};
  requester first{one.net, "first"};
  {
    requester second{one.net, "second"};
    for (auto* each : {&first, &second})
      each->ask_bid();
    first.assign(10);
    second.assign(100);
    one.net.run_for(milliseconds{500});
    CHECK(one.log().running() == 2);
  }
  CHECK(one.log().stopped == 1);
  one.net.run_for(milliseconds{600});
  CHECK(first.outputs().front() == ten);
}
