// Inputs and outputs that are too large for a message.
#include "actors/piece_queue.hpp"
#include "protocol/wire/envelope.hpp"
#include "tests/actors/checks.hpp"
#include "tests/actors/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace artel;
using namespace artel::testing;

namespace {

constexpr std::uint64_t large = 700u << 10;

bytes content_of(const std::string& name, std::uint64_t size) {
  bytes data(size);
  random_generator::from_number(size + name.back()).fill(data);
  return data;
}

result<bytes> read_input(const chunk& one) {
  return content_of(one.path, one.bytes);
}

/// Gives its input back; every byte of it is looked at.
scripted_run copy(const sandbox::run_request& request) {
  scripted_run run;
  run.result.output = request.input.data;
  return run;
}

task_spec large_task(std::size_t files) {
  auto spec = files_task(files, large);
  spec.limits.stdout_bytes = 2 * large;
  return spec;
}

void check_copies(const task_run& task, std::size_t files) {
  REQUIRE(task.report->state == task_state::completed);
  std::set<std::uint64_t> jobs;
  for (const auto& one : task.verdicts()) {
    jobs.insert(one.item.body.job);
    std::string name(1, static_cast<char>('a' + one.item.body.job));
    CHECK(one.output == content_of(name, large));
  }
  CHECK(jobs.size() == files);
}

void check_shelves_empty(world& net) {
  net.settle();
  for (const auto& node : net.nodes) {
    CAPTURE(node.setup.name);
    CHECK(node.environment->blobs->size() == 0);
  }
}

/// An address that has some inputs, or others than it should.
class scripted_source final : public input_fetcher {
public:
  explicit scripted_source(std::function<result<bytes>(const std::string&)> get)
    : get_(std::move(get)) {}

  void fetch(std::vector<std::string> addresses, const blob_ref&,
             std::function<void(result<bytes>)> done) override {
    ++orders;
    done(get_(addresses.front()));
  }

  int orders = 0;

private:
  std::function<result<bytes>(const std::string&)> get_;
};

/// Looks at every payload, may change it; false: its envelope is lost.
using payload_tap = std::function<bool(
  const std::string& from, const std::string& to, wire::payload& payload)>;

void tap(world& net, payload_tap look) {
  net.links->tap = [look](const std::string& from, const std::string& to,
                          bytes& frame) {
    auto items = *wire::decode_frame(frame);
    std::vector<wire::envelope> kept;
    for (auto& item : items) {
      auto payload = *wire::decode_payload(item);
      if (!look(from, to, payload))
        continue;
      item.payload = wire::encode_payload(payload);
      kept.push_back(std::move(item));
    }
    if (kept.empty())
      return false;
    frame = wire::encode_frame(kept);
    return true;
  };
}

} // namespace

TEST_CASE("large inputs and outputs travel in pieces, and nothing is left") {
  world net{1};
  net.add_client();
  net.add_workers(4, copy);
  net.connect();
  std::size_t largest = 0;
  std::map<std::string, int> pieces;
  tap(net,
      [&](const std::string&, const std::string& to, wire::payload& payload) {
        largest = std::max(largest, wire::encode_payload(payload).size());
        pieces[to] += std::holds_alternative<wire::blob_piece>(payload);
        return true;
      });
  auto task = net.submit(large_task(2), {}, read_input);
  REQUIRE(net.await(task));
  check_copies(*task, 2);
  // Three pieces an input and an output, three replicas, two jobs.
  CHECK(pieces["client"] == 18);
  CHECK(largest < limits::blob_piece_bytes + 4'096);
  check_settled(net, *task);
  check_idle(net);
  task.reset();
  check_shelves_empty(net);
}

TEST_CASE("pieces come from another worker that has them, if its link is up") {
  for (auto linked : {true, false}) {
    CAPTURE(linked);
    world net{10};
    net.add_client();
    net.add_workers(2, [](const sandbox::run_request& request) {
      auto run = copy(request);
      run.duration = milliseconds{5'000};
      return run;
    });
    net.connect();
    if (linked)
      net.dial(1, "worker-2");
    net.settle();
    std::map<std::string, int> pieces;
    tap(net, [&](const std::string& from, const std::string& to,
                 wire::payload& payload) {
      auto* assign = std::get_if<wire::job_assign>(&payload);
      if (assign != nullptr && to == "worker-2") {
        // Once the first one has it.
        assign->holders = {net.nodes[1].environment->id()};
        return net.nodes[1].log->started > 0;
      }
      auto is_piece = std::holds_alternative<wire::blob_piece>(payload);
      if (is_piece && to == "worker-2")
        ++pieces[from];
      // The owner's own are lost.
      return !is_piece || to != "worker-2" || from != "client";
    });
    auto spec = large_task(1);
    spec.verification.replicas = 2;
    auto task = net.submit(spec, {}, read_input);
    REQUIRE(net.await(task));
    CHECK(pieces["client"] > 0);
    CHECK(pieces["worker-1"] == (linked ? 3 : 0));
    CHECK((task->report->state == task_state::completed) == linked);
    check_settled(net, *task);
  }
}

TEST_CASE("pieces come through links that lose, double and reorder") {
  for (std::uint64_t seed : {2, 3, 4}) {
    CAPTURE(seed);
    world net{seed};
    net.add_client();
    net.add_workers(4, copy);
    net.connect();
    net.links->faults.loss = 150'000;
    net.links->faults.duplication = 100'000;
    net.links->faults.delay_max = milliseconds{60};
    auto task = net.submit(large_task(2), {}, read_input);
    REQUIRE(net.await(task));
    check_copies(*task, 2);
    check_settled(net, *task);
  }
}

TEST_CASE("a worker that sends another output than it signed is refused") {
  world net{5};
  net.add_client();
  net.add_workers(5, copy);
  net.connect();
  auto changed = 0;
  tap(net, [&](const std::string& from, const std::string& to,
               wire::payload& payload) {
    auto* piece = std::get_if<wire::blob_piece>(&payload);
    if (piece != nullptr && from == "worker-1" && to == "client"
        && !piece->data.empty()) {
      piece->data[17] ^= 1;
      ++changed;
    }
    return true;
  });
  auto task = net.submit(large_task(4), {}, read_input);
  REQUIRE(net.await(task));
  check_copies(*task, 4);
  CHECK(changed > 0);
  auto liar = net.nodes[1].environment->owner;
  for (const auto& one : task->receipts())
    CHECK(one.item.body.worker_owner != liar);
  check_settled(net, *task);
}

TEST_CASE("a worker whose output does not come is lost, though it is alive") {
  world net{6};
  net.add_client();
  net.add_workers(4, copy);
  net.connect();
  tap(net, [](const std::string& from, const std::string& to,
              wire::payload& payload) {
    return from != "worker-1" || to != "client"
           || !std::holds_alternative<wire::blob_piece>(payload);
  });
  auto task = net.submit(large_task(1), {}, read_input);
  REQUIRE(net.await(task));
  check_copies(*task, 1);
  CHECK(net.elapsed() < milliseconds{20'000});
  check_settled(net, *task);
}

TEST_CASE("an owner without the input gets its jobs handed back") {
  world net{7};
  net.add_client();
  net.add_workers(4, copy);
  net.connect();
  tap(net, [](const std::string&, const std::string&, wire::payload& payload) {
    if (auto* piece = std::get_if<wire::blob_piece>(&payload))
      *piece = {piece->blob, 0, piece->index, false, {}, {}};
    return true;
  });
  auto task = net.submit(large_task(1), {}, read_input);
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::failed);
  REQUIRE_FALSE(task->report->failed_jobs.empty());
  CHECK(task->report->failed_jobs[0].reason
        == "the input: none of the nodes asked has it");
  check_settled(net, *task);
}

TEST_CASE("a request for many pieces again and again gives each once a turn") {
  blob_shelf shelf;
  auto content =
    std::make_shared<const blob_content>(std::make_shared<const bytes>(
      content_of("a", 20 * limits::blob_piece_bytes)));
  shelf.put(content);
  piece_queue queue{64};
  wire::blob_request request{content->ref().id, {}};
  for (std::uint32_t i = 0; i < 24; ++i)
    request.pieces.push_back(i);
  for (auto i = 0; i < 1'000; ++i)
    queue.on_request(request);
  CHECK(queue.size() == 24);
  auto first = queue.take(shelf, 1u << 20);
  CHECK(first.size() == 4);
  for (const auto& piece : first)
    CHECK(check_piece(content->ref(), piece.index, piece.data, piece.path));
  auto known = 4;
  while (!queue.empty())
    for (const auto& piece : queue.take(shelf, 1u << 20))
      known += piece.known;
  // Four of them no blob of that size has.
  CHECK(known == 20);
  for (auto i = 0; i < 100; ++i) {
    request.blob.value[0] = static_cast<std::uint8_t>(i);
    queue.on_request(request);
  }
  CHECK(queue.size() == 64);
  // Nobody keeps it any more.
  content = nullptr;
  CHECK(shelf.size() == 0);
}

TEST_CASE("a draining worker takes nothing new and gives back what waits") {
  world net{8};
  net.add_client();
  net.add_workers(4);
  net.connect();
  auto task = net.submit(primes_task(10'000, 200));
  REQUIRE(net.run_until([&] { return net.nodes[1].log->started > 0; },
                        milliseconds{10'000}));
  net.ask<node_drained>(net.nodes[1].actor, drain_node{milliseconds{5'000}});
  auto started = net.nodes[1].log->started;
  CHECK(net.nodes[1].log->ended == started);
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(net.nodes[1].log->started == started);
  check_settled(net, *task);
}

TEST_CASE("a worker fetches an input by itself, and else from its owner") {
  auto honest = [](const std::string& url) -> result<bytes> {
    return content_of(url.substr(url.size() - 1), large);
  };
  auto evil = [](const std::string&) -> result<bytes> {
    return content_of("z", large);
  };
  auto failing = [](const std::string&) -> result<bytes> {
    return {errc::timed_out, "it took too long"};
  };
  for (auto fails : {false, true}) {
    CAPTURE(fails);
    world net{9};
    net.add_client();
    std::vector<std::shared_ptr<scripted_source>> sources;
    for (const auto* name : {"one", "two", "three"}) {
      auto is_evil = sources.size() % 2 == 0;
      sources.push_back(std::make_shared<scripted_source>(
        !fails    ? std::function<result<bytes>(const std::string&)>{honest}
        : is_evil ? std::function<result<bytes>(const std::string&)>{evil}
                  : failing));
      node_setup setup;
      setup.name = name;
      setup.slots = 1;
      setup.runs = copy;
      setup.inputs = sources.back();
      net.add_node(std::move(setup));
    }
    net.connect();
    auto from_owner = 0;
    tap(net, [&](const std::string& from, const std::string&,
                 wire::payload& payload) {
      from_owner +=
        from == "client" && std::holds_alternative<wire::blob_piece>(payload);
      return true;
    });
    auto spec = large_task(2);
    for (auto& file : spec.source.files)
      file.urls = {"https://host/" + file.path.substr(file.path.size() - 1)};
    auto task = net.submit(spec, {}, read_input);
    REQUIRE(net.await(task));
    check_copies(*task, 2);
    for (const auto& one : sources)
      CHECK(one->orders == 2);
    CHECK(from_owner == (fails ? 18 : 0));
    check_settled(net, *task);
  }
}
