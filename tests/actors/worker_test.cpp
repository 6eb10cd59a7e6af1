// Bundles, caches and what a worker refuses.
#include "protocol/wire/envelope.hpp"
#include "tests/actors/checks.hpp"
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
  auto storage = std::make_shared<memory_storage>();
  auto bundle = make_bundle(700 << 10);
  auto run_once = [&](std::uint64_t seed) {
    world net{seed};
    net.add_client();
    for (const auto* name : {"one", "two", "three"})
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
  CHECK(storage->kept.size() == 1);
  CHECK(run_once(2) == 0);
  // What was damaged is fetched again.
  storage->kept.begin()->second[1000] ^= 1;
  CHECK(run_once(3) > 0);
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
