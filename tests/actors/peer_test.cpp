// One link: who may use it, what it takes, and how it ends.
#include "tests/actors/stranger.hpp"
#include "tests/actors/world.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace artel;
using namespace artel::testing;

namespace {

key_pair other_key(std::uint64_t number) {
  auto random = random_generator::from_number(number);
  return key_pair::generate(random);
}

owner_certificate certificate_for(world& net, const node_id& node,
                                  const key_pair& owner,
                                  milliseconds lifetime) {
  owner_certificate item;
  item.node = node;
  item.network = network_name;
  item.issued = net.calendar() - std::chrono::hours{1};
  item.expires = net.calendar() + lifetime;
  sign_certificate(item, owner);
  return item;
}

errc answer_to(stranger& other, const wire::handshake& hello) {
  auto item = other.greeting(hello);
  other.sign(item);
  other.send(item);
  return other.refusal();
}

peer_status status_of(world& net, const stranger& other) {
  return net.ask<peer_status>(other.proxy(), query_peer{});
}

std::size_t count_lines(const world& net, std::string_view part) {
  return static_cast<std::size_t>(
    std::count_if(net.log_lines.begin(), net.log_lines.end(),
                  [part](const std::string& line) {
                    return line.find(part) != std::string::npos;
                  }));
}

/// A client with a policy.
void add_client_with(world& net, const access_policy& access) {
  node_setup client;
  client.name = "client";
  client.view.access = access;
  net.add_node(client);
}

replica_actor::behavior_type ignore_all(replica_actor::pointer self,
                                        int /*CAF binds a null without it*/) {
  return {
    [](const replica_acked&) {},  [](const lease_renewed&) {},
    [](const replica_result&) {}, [](const replica_refused&) {},
    [](const blob_received&) {},  [](const unreachable_worker&) {},
    [](const sweep&) {},          [self](const stop_actor&) { self->quit(); },
  };
}

} // namespace

// -- greetings ----------------------------------------------------------------

TEST_CASE("a node speaks for an owner only with that owner's certificate") {
  world net{1};
  net.add_client();
  auto owner = other_key(1);
  auto thief = other_key(2);
  stranger other{net};
  auto hello = other.hello();
  hello.owner = owner.owner();
  SUBCASE("none is shown") {
    CHECK(answer_to(other, hello) == errc::bad_signature);
  }
  SUBCASE("it holds") {
    hello.ownership =
      certificate_for(net, other.node(), owner, std::chrono::hours{1});
    CHECK(answer_to(other, hello) == errc{});
    CHECK(other.heard<wire::handshake>().size() == 1);
  }
  SUBCASE("it has expired") {
    hello.ownership =
      certificate_for(net, other.node(), owner, std::chrono::minutes{-1});
    CHECK(answer_to(other, hello) == errc::timed_out);
  }
  SUBCASE("it is another node's") {
    hello.ownership =
      certificate_for(net, thief.node(), owner, std::chrono::hours{1});
    CHECK(answer_to(other, hello) == errc::invalid_argument);
  }
  SUBCASE("another owner signed it") {
    hello.ownership =
      certificate_for(net, other.node(), thief, std::chrono::hours{1});
    hello.ownership.owner = owner.owner();
    CHECK(answer_to(other, hello) == errc::bad_signature);
  }
}

TEST_CASE("a node without a certificate is its own owner") {
  world net{2};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  auto status = status_of(net, other);
  CHECK(status.ready);
  CHECK(status.node == other.node());
  CHECK(status.owner.value == other.node().value);
}

TEST_CASE("a greeting is refused on a link that proves another node") {
  world net{3};
  net.add_client();
  net.links->proven["stranger"] = other_key(3).node();
  stranger other{net};
  CHECK(answer_to(other, other.hello()) == errc::bad_signature);
  CHECK(net.has_log("the link's key is not the node's"));
}

TEST_CASE("a greeting counts on a link that proves its node") {
  world net{3};
  net.add_client();
  net.links->proven["stranger"] = stranger{net}.node();
  stranger other{net};
  other.shake_hands();
  CHECK(status_of(net, other).ready);
}

TEST_CASE("greetings from long ago, or for somebody else, are refused") {
  world net{4};
  net.add_client();
  stranger other{net};
  auto item = other.greeting();
  SUBCASE("a minute old") {
    item.sent -= std::chrono::minutes{1};
    other.sign(item);
    other.send(item);
    CHECK(other.refusal() == errc::out_of_range);
  }
  SUBCASE("a minute early") {
    item.sent += std::chrono::minutes{1};
    other.sign(item);
    other.send(item);
    CHECK(other.refusal() == errc::out_of_range);
  }
  SUBCASE("meant for another node") {
    item.recipient = other_key(4).node();
    other.sign(item);
    other.send(item);
    CHECK(other.refusal() == errc::invalid_argument);
  }
  SUBCASE("meant for this node") {
    item.recipient = net.nodes[0].environment->id();
    other.sign(item);
    other.send(item);
    CHECK(other.refusal() == errc{});
    CHECK(other.heard<wire::handshake>().size() == 1);
  }
}

TEST_CASE("a recorded greeting does not push out the link of its node") {
  world net{5};
  net.add_client();
  stranger honest{net, "honest"};
  auto recorded = honest.greeting();
  honest.sign(recorded);
  honest.shake_hands();
  net.run_for(milliseconds{6'000});
  stranger thief{net, "thief"};
  thief.send(recorded);
  // Whoever holds no key sees no use in the ping.
  net.run_for(milliseconds{10'000});
  CHECK(honest.log->closed.empty());
  CHECK(status_of(net, honest).ready);
  CHECK_FALSE(thief.log->closed.empty());
}

// -- signs of life ------------------------------------------------------------

TEST_CASE(
  "a link that is quiet is kept alive, and one that is dead is closed") {
  world net{6};
  for (auto name : {"a", "b"}) {
    node_setup one;
    one.name = name;
    one.keep_alive = milliseconds{5'000};
    one.idle_timeout = milliseconds{20'000};
    net.add_node(one);
  }
  net.connect();
  net.run_for(milliseconds{120'000});
  CHECK(net.links->link_count() == 1);
  net.links->cut_off.insert("b");
  net.run_for(milliseconds{14'000});
  CHECK(net.links->link_count() == 1);
  net.run_for(milliseconds{7'000});
  CHECK(net.links->link_count() == 0);
  CHECK(net.has_log("no sign of life for 20 s"));
}

TEST_CASE("without keep-alive nothing is sent on a quiet link") {
  world net{7};
  net.add_client();
  net.add_workers(1);
  net.connect();
  net.run_for(milliseconds{1'000});
  auto before = net.links->frames_sent;
  net.run_for(milliseconds{600'000});
  CHECK(net.links->frames_sent == before);
  CHECK(net.links->link_count() == 1);
}

TEST_CASE("a round trip is measured when it is asked for") {
  world net{8};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  CHECK(other.heard<wire::ping>().size() == 1);
  std::optional<microseconds> latency;
  net.act([&](caf::event_based_actor* self) {
    for (int i = 0; i < 3; ++i)
      self->request(other.proxy(), caf::infinite, measure_latency{})
        .then([&](const latency_measured& m) { latency = m.latency; });
  });
  net.settle();
  // One ping does for all that wait.
  REQUIRE(other.heard<wire::ping>().size() == 2);
  net.run_for(milliseconds{30});
  CHECK_FALSE(latency);
  other.post(wire::pong{other.heard<wire::ping>().back().nonce + 1});
  CHECK_FALSE(latency);
  other.post(wire::pong{other.heard<wire::ping>().back().nonce});
  REQUIRE(latency);
  CHECK(*latency == milliseconds{30});
  CHECK(status_of(net, other).latency == milliseconds{30});
}

TEST_CASE("whoever waits for a round trip hears of the link's end") {
  world net{9};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  auto failed = false;
  net.act([&](caf::event_based_actor* self) {
    self->request(other.proxy(), caf::infinite, measure_latency{})
      .then([](const latency_measured&) { FAIL("there was no pong"); },
            [&](const caf::error&) { failed = true; });
  });
  net.settle();
  net.links->break_links("stranger");
  net.settle();
  CHECK(failed);
}

TEST_CASE("a link says goodbye with its reason, and the other side goes") {
  world net{10};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  SUBCASE("from here") {
    caf::anon_send(net.nodes[0].actor, stop_actor{});
    net.run_for(milliseconds{10});
    auto last = other.heard<wire::goodbye>();
    REQUIRE(last.size() == 1);
    CHECK(last[0].reason == "this node stops");
    CHECK_FALSE(other.log->closed.empty());
  }
  SUBCASE("from there") {
    other.post(wire::goodbye{errc::cancelled, "supper is ready"});
    CHECK_FALSE(other.log->closed.empty());
    CHECK(net.has_log("is gone: said goodbye: supper is ready"));
    CHECK(net.links->link_count() == 0);
  }
}

// -- back-pressure ------------------------------------------------------------

namespace {

void set_congested(world& net, const stranger& other,
                   wire::traffic_class priority, bool congested) {
  caf::anon_send(other.proxy(), link_congested{priority, congested});
  net.settle();
}

wire::blob_piece piece_of(std::size_t bytes_count, std::uint32_t index) {
  wire::blob_piece piece;
  piece.index = index;
  piece.known = true;
  piece.total_bytes = std::uint64_t{1} << 30;
  piece.data.resize(bytes_count);
  return piece;
}

} // namespace

TEST_CASE("a class that is congested waits, and control goes on") {
  world net{11};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  set_congested(net, other, wire::traffic_class::bulk, true);
  for (std::uint32_t i = 0; i < 10; ++i)
    caf::anon_send(other.proxy(), send_payload{piece_of(100, i)});
  caf::anon_send(other.proxy(), send_payload{wire::job_ack{}});
  net.run_for(milliseconds{50});
  CHECK(other.heard<wire::blob_piece>().empty());
  CHECK(other.heard<wire::job_ack>().size() == 1);
  set_congested(net, other, wire::traffic_class::bulk, false);
  net.run_for(milliseconds{50});
  auto pieces = other.heard<wire::blob_piece>();
  REQUIRE(pieces.size() == 10);
  for (std::uint32_t i = 0; i < 10; ++i)
    CHECK(pieces[i].index == i);
  CHECK(status_of(net, other).counters.overflowed == 0);
}

TEST_CASE("what a congested link can't take is bounded, and the rest counted") {
  world net{12};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  constexpr std::size_t sent = 50;
  set_congested(net, other, wire::traffic_class::bulk, true);
  for (std::uint32_t i = 0; i < sent; ++i)
    caf::anon_send(other.proxy(), send_payload{piece_of(256u << 10, i)});
  net.run_for(milliseconds{50});
  auto lost = status_of(net, other).counters.overflowed;
  // 8 MiB hold not quite 32 of them.
  CHECK(lost >= sent - 32);
  CHECK(lost < sent - 28);
  set_congested(net, other, wire::traffic_class::bulk, false);
  net.run_for(milliseconds{50});
  auto pieces = other.heard<wire::blob_piece>();
  CHECK(pieces.size() == sent - lost);
  // The newest are the ones that went.
  CHECK(pieces.back().index == pieces.size() - 1);
}

TEST_CASE("classes don't share frames") {
  world net{13};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  other.log->frames.clear();
  for (std::uint32_t i = 0; i < 3; ++i) {
    caf::anon_send(other.proxy(), send_payload{piece_of(10, i)});
    caf::anon_send(other.proxy(), send_payload{wire::job_ack{}});
  }
  net.run_for(milliseconds{50});
  CHECK(other.log->frames == std::vector<std::size_t>{3, 3});
}

TEST_CASE("what shares no signature goes out at once, also on a busy link") {
  world net{15};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  for (std::size_t sent = 1; sent <= 20; ++sent) {
    caf::anon_send(other.proxy(), send_payload{wire::job_ack{}});
    net.settle();
    CHECK(other.heard<wire::job_ack>().size() == sent);
  }
}

TEST_CASE("assignments on a busy link share a signature") {
  world net{16};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  auto replica = net.system().spawn(ignore_all, 1);
  auto terms = std::make_shared<task_terms>();
  terms->task.value[0] = 1;
  auto input = std::make_shared<const job_input>();
  // One a millisecond, for twenty.
  for (std::uint64_t job = 0; job < 20; ++job) {
    assign_replica one;
    one.terms = terms;
    one.job = job;
    one.attempt = 1;
    one.input = input;
    one.replica = replica;
    caf::anon_send(other.proxy(), std::move(one));
    net.run_for(milliseconds{1});
  }
  net.run_for(milliseconds{50});
  auto assigned = other.heard<wire::job_assign>();
  std::size_t jobs = 0;
  for (const auto& one : assigned)
    jobs += one.jobs.size();
  CHECK(jobs == 20);
  // The first at once, then one in five milliseconds.
  CHECK(assigned.size() >= 4);
  CHECK(assigned.size() <= 6);
  caf::anon_send(replica, stop_actor{});
  net.settle();
}

TEST_CASE("an assignment that is sent again while it waits goes out once") {
  world net{14};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  auto replica = net.system().spawn(ignore_all, 1);
  set_congested(net, other, wire::traffic_class::results, true);
  auto terms = std::make_shared<task_terms>();
  terms->task.value[0] = 1;
  auto input = std::make_shared<const job_input>();
  for (int round = 0; round < 5; ++round)
    for (std::uint64_t job = 0; job < 3; ++job) {
      assign_replica one;
      one.terms = terms;
      one.job = job;
      one.attempt = 1;
      one.input = input;
      one.replica = replica;
      caf::anon_send(other.proxy(), std::move(one));
      net.run_for(milliseconds{100});
    }
  CHECK(other.heard<wire::job_assign>().empty());
  // What is cancelled meanwhile does not go out at all.
  caf::anon_send(other.proxy(), cancel_replica{{terms->task, 2, 1}});
  set_congested(net, other, wire::traffic_class::results, false);
  net.run_for(milliseconds{50});
  auto assigned = other.heard<wire::job_assign>();
  REQUIRE(assigned.size() == 1);
  REQUIRE(assigned[0].jobs.size() == 2);
  CHECK(assigned[0].jobs[0].job == 0);
  CHECK(assigned[0].jobs[1].job == 1);
  caf::anon_send(replica, stop_actor{});
  net.settle();
}

// -- rates --------------------------------------------------------------------

TEST_CASE("messages beyond a peer's rate are dropped and counted") {
  world net{15};
  access_policy access;
  access.messages_per_second = 10;
  add_client_with(net, access);
  stranger other{net};
  other.shake_hands();
  for (std::uint64_t i = 0; i < 100; ++i)
    other.post(wire::ping{i});
  net.run_for(milliseconds{50});
  auto answered = other.heard<wire::pong>().size();
  CHECK(answered >= 15);
  CHECK(answered <= 20);
  CHECK(status_of(net, other).counters.throttled == 100 - answered);
  CHECK(other.log->closed.empty());
  // It goes on as soon as the rate allows.
  net.run_for(milliseconds{2'000});
  other.post(wire::ping{1});
  net.run_for(milliseconds{50});
  CHECK(other.heard<wire::pong>().size() == answered + 1);
}

TEST_CASE("the network's own bound holds where the owner sets none") {
  world net{16};
  auto root = other_key(16);
  node_setup client;
  client.name = "client";
  client.root = root.owner();
  auto& config = client.view.config;
  config.network = network_name;
  config.version = 1;
  config.issued = net.calendar();
  config.messages_per_second_max = 100;
  sign_config(config, root);
  net.add_node(client);
  stranger other{net};
  other.shake_hands();
  for (std::uint64_t i = 0; i < 1'000; ++i)
    other.post(wire::ping{i});
  auto throttled = status_of(net, other).counters.throttled;
  CHECK(throttled > 700);
  CHECK(throttled < 850);
}

TEST_CASE("who floods a node for ten seconds loses the link") {
  world net{17};
  access_policy access;
  access.messages_per_second = 10;
  add_client_with(net, access);
  stranger other{net};
  other.shake_hands();
  auto started = net.elapsed();
  while (other.log->closed.empty()
         && net.elapsed() - started < milliseconds{30'000}) {
    for (std::uint64_t i = 0; i < 20 && other.log->closed.empty(); ++i)
      other.post(wire::ping{i});
    net.run_for(milliseconds{100});
  }
  CHECK(net.elapsed() - started >= milliseconds{10'000});
  CHECK(net.elapsed() - started < milliseconds{13'000});
  REQUIRE(other.heard<wire::goodbye>().size() == 1);
  CHECK(other.heard<wire::goodbye>()[0].code == errc::limit_exceeded);
  CHECK(net.has_log("floods this node"));
}

TEST_CASE("a flood of bad messages is not a flood of log lines") {
  world net{18};
  net.add_client();
  stranger other{net};
  other.shake_hands();
  auto bad = other.seal(wire::ping{1});
  bad.network = "elsewhere";
  for (int i = 0; i < 1'000; ++i)
    other.send(bad);
  CHECK(count_lines(net, "a message that was dropped") <= 3);
  net.run_for(milliseconds{1'100});
  other.send(bad);
  CHECK(net.has_log("(and 997 lines before)"));
  CHECK(status_of(net, other).counters.forged == 1'001);
}
