// What dishonest nodes send, and what honest ones make of it.
#include "protocol/verification/receipt.hpp"
#include "protocol/wire/envelope.hpp"
#include "runtime/sim/byzantine/behaviour.hpp"
#include "tests/runtime/sim/worlds.hpp"

#include <doctest/doctest.h>

#include <array>
#include <chrono>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace artel;
using namespace artel::sim;
using namespace artel::sim::testing;
using namespace std::chrono_literals;

namespace {

constexpr wall_time epoch{std::chrono::seconds{1'000'000}};
constexpr node_index far_end = 7;

/// A worker with a filter, and the node at the other end of its link.
struct filtered_worker {
  explicit filtered_worker(const behaviour& how, std::uint64_t seed = 1) {
    auto random = random_generator::from_number(seed);
    auto made = std::make_shared<node_environment>();
    made->network = "test";
    made->key = std::make_shared<key_pair>(key_pair::generate(random));
    made->owner = key_pair::generate(random).owner();
    made->wall_clock = [](instant at) {
      return epoch
             + std::chrono::duration_cast<milliseconds>(at.time_since_epoch());
    };
    environment = made;
    remote = key_pair::generate(random).node();
    task = random.id<task_id>();
    filter = make_filter(how, environment, random.fork().id<seed_id>().value);
  }

  using seed_id = byte_id<struct seed_tag, 32>;

  /// As a peer seals and frames it.
  std::vector<bytes> send(const wire::payload& payload) {
    wire::envelope item;
    item.network = environment->network;
    item.type = wire::type_of(payload);
    item.sender = environment->id();
    item.recipient = remote;
    item.priority = wire::class_of(payload);
    item.sequence = ++sequences[static_cast<std::size_t>(item.priority) - 1];
    item.sent = environment->wall_clock(now);
    item.payload = wire::encode_payload(payload);
    if (std::holds_alternative<wire::handshake>(payload)) {
      item.recipient = node_id{};
      item.sender_signature =
        environment->key->sign(wire::envelope_digest(item).view());
    }
    last = wire::encode_frame({&item, 1});
    filter->on_clock(now);
    return filter->on_send(far_end, last);
  }

  std::vector<bytes> send_result(std::uint64_t job) {
    wire::job_result message;
    auto& entry = message.entries.emplace_back();
    entry.output = to_bytes("168\n");
    entry.body.network = environment->network;
    entry.body.task = task;
    entry.body.job = job;
    entry.body.attempt = 1;
    entry.body.requester = remote;
    entry.body.worker = environment->id();
    entry.body.worker_owner = environment->owner;
    entry.body.output = output_hash(entry.output);
    entry.body.output_bytes = entry.output.size();
    entry.body.price = microcredits(100);
    std::vector<hash256> leaves{receipt_leaf(entry.body)};
    message.batch_signature = sign_batch(*environment->key, leaves);
    return send(message);
  }

  std::vector<bytes> tick() {
    now += 100ms;
    filter->on_clock(now);
    return filter->on_tick(far_end);
  }

  environment_ptr environment;
  node_id remote;
  task_id task;
  std::unique_ptr<frame_filter> filter;
  std::array<std::uint64_t, 3> sequences{};
  instant now{};
  bytes last;
};

/// What the other end makes of frames, by the rules of peers.
struct receiver {
  explicit receiver(const filtered_worker& from)
    : network(from.environment->network),
      self(from.remote),
      sender(from.environment->id()),
      environment(from.environment) {}

  void take(const std::vector<bytes>& sent, instant now) {
    for (const auto& frame : sent)
      take(frame, now);
  }

  void take(const bytes& frame, instant now) {
    auto items = wire::decode_frame(frame);
    if (!items) {
      ++malformed;
      return;
    }
    for (const auto& item : *items) {
      if (item.type == wire::handshake::type_name) {
        greetings += verify(sender, wire::envelope_digest(item).view(),
                            item.sender_signature);
        continue;
      }
      auto wall = environment->wall_clock(now);
      if (!wire::check_envelope(item, network, self, wall)
          || item.sender != sender) {
        ++dropped;
        continue;
      }
      if (!window.admit(item.priority, item.sequence)) {
        ++replayed;
        continue;
      }
      auto payload = wire::decode_payload(item);
      if (!payload) {
        ++malformed;
        continue;
      }
      ++by_type[item.type];
      if (auto* results = std::get_if<wire::job_result>(&*payload))
        take(*results);
    }
  }

  void take(const wire::job_result& message) {
    std::vector<hash256> leaves;
    auto own = true;
    for (const auto& entry : message.entries) {
      leaves.push_back(receipt_leaf(entry.body));
      own = own && entry.body.worker == sender;
    }
    if (!own || !verify_batch(sender, leaves, message.batch_signature)) {
      ++forged;
      return;
    }
    for (const auto& entry : message.entries)
      if (entry.body.output == output_hash(entry.output))
        outputs[entry.body.job].push_back(text_of(entry.output));
      else
        ++misfits;
  }

  std::string network;
  node_id self;
  node_id sender;
  environment_ptr environment;
  wire::replay_window window;
  std::uint64_t malformed = 0;
  std::uint64_t dropped = 0;
  std::uint64_t replayed = 0;
  std::uint64_t forged = 0;
  std::uint64_t misfits = 0;
  std::uint64_t greetings = 0;
  std::map<std::string, std::uint64_t> by_type;
  std::map<std::uint64_t, std::vector<std::string>> outputs;
};

behaviour with(bool behaviour::*trait) {
  behaviour how;
  how.*trait = true;
  return how;
}

behaviour flooding(std::uint32_t frames) {
  behaviour how;
  how.floods_per_second = frames;
  return how;
}

} // namespace

TEST_CASE("who is honest with its frames has no filter") {
  behaviour how;
  how.lies = lie_kind::always;
  how.silent = true;
  filtered_worker worker{how};
  CHECK(worker.filter == nullptr);
}

TEST_CASE("a second answer differs, is signed, and comes after the first") {
  filtered_worker worker{with(&behaviour::answers_twice)};
  receiver other{worker};
  for (std::uint64_t job = 0; job < 50; ++job) {
    auto sent = worker.send_result(job);
    CHECK(sent.size() == 2);
    other.take(sent, worker.now);
    sent = worker.send(wire::heartbeat{});
    CHECK(sent == std::vector<bytes>{worker.last});
    other.take(sent, worker.now);
  }
  CHECK(other.replayed + other.dropped + other.malformed + other.forged == 0);
  CHECK(other.misfits == 0);
  CHECK(other.by_type["heartbeat"] == 50);
  REQUIRE(other.outputs.size() == 50);
  for (const auto& [job, outputs] : other.outputs) {
    REQUIRE(outputs.size() == 2);
    CHECK(outputs[0] == "168\n");
    CHECK(outputs[1] != "168\n");
  }
  CHECK(worker.filter->has_renumbered(far_end));
  CHECK_FALSE(worker.filter->has_renumbered(far_end + 1));
  CHECK(worker.tick().empty());
}

TEST_CASE("old frames are sent again as they were") {
  filtered_worker worker{with(&behaviour::replays)};
  receiver other{worker};
  std::set<bytes> sent;
  for (std::uint64_t job = 0; job < 50; ++job) {
    auto out = worker.send_result(job);
    CHECK(out == std::vector<bytes>{worker.last});
    sent.insert(worker.last);
    other.take(out, worker.now);
  }
  std::uint64_t again = 0;
  for (int i = 0; i < 200; ++i)
    for (const auto& frame : worker.tick()) {
      CHECK(sent.contains(frame));
      other.take(frame, worker.now);
      ++again;
    }
  CHECK(again > 20);
  CHECK(other.replayed == again);
  CHECK(other.by_type["job_result"] == 50);
  CHECK_FALSE(worker.filter->has_renumbered(far_end));
}

TEST_CASE("forgeries decode, and fail by hash, by signature, or by name") {
  filtered_worker worker{with(&behaviour::forges)};
  receiver other{worker};
  std::uint64_t sound = 0;
  for (std::uint64_t job = 0; job < 400; ++job) {
    auto out = worker.send_result(job);
    CHECK(out.size() == 1);
    sound += out[0] == worker.last;
    other.take(out, worker.now);
  }
  // A quarter is tampered with, in four ways, of which one fits its signature.
  CHECK(sound > 250);
  CHECK(sound < 350);
  CHECK(other.outputs.size() == sound);
  CHECK(other.misfits > 10);
  CHECK(other.forged > 40);
  CHECK(other.misfits + other.forged == 400 - sound);

  auto before = other.by_type["job_result"];
  auto forged = other.forged;
  for (int i = 0; i < 300; ++i)
    other.take(worker.tick(), worker.now);
  auto added = other.by_type["job_result"] - before;
  CHECK(added > 30);
  CHECK(other.forged - forged > added / 3);
  CHECK(other.forged - forged < added);
  CHECK(other.malformed + other.dropped + other.replayed == 0);
}

TEST_CASE("a flood has pings, bid requests, and what must be dropped") {
  filtered_worker worker{flooding(1'000)};
  receiver other{worker};
  other.take(worker.send(wire::heartbeat{}), worker.now);
  for (int i = 0; i < 5; ++i)
    CHECK(worker.tick().empty());
  for (int i = 0; i < 50; ++i) {
    auto added = worker.tick();
    CHECK(added.size() == 100);
    other.take(added, worker.now);
    // Among them its own keep going through.
    other.take(worker.send(wire::heartbeat{}), worker.now);
  }
  CHECK(other.by_type["heartbeat"] == 51);
  CHECK(other.by_type["ping"] > 2'000);
  CHECK(other.by_type["bid_request"] > 2'000);
  CHECK(other.dropped > 30);
  CHECK(other.malformed > 0);
  CHECK(worker.filter->has_renumbered(far_end));
}

TEST_CASE("greetings are sound whatever goes before them") {
  auto how = flooding(100);
  how.answers_twice = true;
  filtered_worker worker{how};
  receiver other{worker};
  for (int session = 0; session < 3; ++session) {
    worker.sequences = {};
    other.window = {};
    other.take(worker.send(wire::handshake{}), worker.now);
    CHECK(worker.tick().empty());
    other.take(worker.send_result(1), worker.now);
    for (int i = 0; i < 20; ++i)
      other.take(worker.tick(), worker.now);
    other.take(worker.send(wire::heartbeat{}), worker.now);
  }
  CHECK(other.greetings == 3);
  CHECK(other.by_type["job_result"] == 6);
  CHECK(other.by_type["heartbeat"] == 3);
  CHECK(other.replayed <= other.dropped + 10);
}

TEST_CASE("a filter does the same again from the same seed") {
  auto all = [](std::uint64_t seed) {
    auto how = flooding(200);
    how.answers_twice = how.replays = how.forges = true;
    filtered_worker worker{how, seed};
    std::vector<bytes> frames;
    for (std::uint64_t job = 0; job < 100; ++job) {
      for (auto& frame : worker.send_result(job))
        frames.push_back(std::move(frame));
      for (auto& frame : worker.tick())
        frames.push_back(std::move(frame));
    }
    return frames;
  };
  auto first = all(1);
  CHECK(first.size() > 2'000);
  CHECK(all(1) == first);
  CHECK(all(2) != first);
}

// -- among honest nodes -------------------------------------------------------

namespace {

struct dishonest_run {
  std::string result;
  std::string violations;
  drive_end settled{};
  credits earned_by_dishonest;
};

/// Five honest workers and two that behave so; a task of forty jobs.
dishonest_run run_among(const behaviour& how, std::uint64_t seed) {
  world_options options;
  options.seed = seed;
  options.links.reordering = ppm{100'000};
  options.links.duplication = ppm{50'000};
  options.links.loss = ppm{20'000};
  world net{options};
  populate(net, 7);
  net.set_behaviour(2, how);
  net.set_behaviour(5, how);
  net.run_for(3s);
  auto number = net.submit(0, primes_task(1'000, 40));
  REQUIRE(number.ok());
  dishonest_run seen;
  auto ended = net.run_until([&] { return net.task(*number).is_over(); }, 120s);
  CHECK(ended == drive_end::reached);
  if (const auto& report = net.task(*number).report)
    seen.result = text_of(report->result);
  seen.settled = net.settle(120s);
  for (const auto& one : net.violations())
    seen.violations += to_string(one) + "\n";
  seen.earned_by_dishonest = net.earned(2);
  return seen;
}

} // namespace

TEST_CASE("honest nodes stand what dishonest ones send them") {
  auto all = flooding(50);
  all.answers_twice = all.replays = all.forges = true;
  const behaviour kinds[] = {with(&behaviour::answers_twice),
                             with(&behaviour::replays),
                             with(&behaviour::forges), flooding(100), all};
  for (const auto& how : kinds)
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      CAPTURE(to_string(how));
      CAPTURE(seed);
      auto seen = run_among(how, seed);
      CHECK(seen.result == "168");
      CHECK(seen.violations == "");
      CHECK(seen.settled == drive_end::reached);
    }
}
