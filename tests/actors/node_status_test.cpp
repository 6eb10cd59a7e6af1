// What a node says of itself, and how it comes to rest.
#include "actors/answer_error.hpp"
#include "tests/actors/checks.hpp"
#include "tests/actors/stranger.hpp"
#include "tests/actors/world.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <optional>
#include <string>

using namespace artel;
using namespace artel::testing;

namespace {

/// What comes of a submission that may be refused.
std::optional<failure> submit_and_see(world& net) {
  std::optional<failure> problem;
  auto is_answered = false;
  submit_task message;
  message.spec = primes_task(100, 2);
  message.plan_only = true;
  net.act([&](caf::event_based_actor* self) {
    self->request(net.nodes[0].actor, caf::infinite, std::move(message))
      .then([&](const task_accepted&) { is_answered = true; },
            [&](const caf::error& reason) {
              is_answered = true;
              problem = failure_of(reason);
            });
  });
  net.run_until([&] { return is_answered; }, milliseconds{1'000});
  REQUIRE(is_answered);
  return problem;
}

/// What a drain came to, and when.
struct drain_watch {
  std::optional<node_drained> answer;
  milliseconds at{0};
};

std::shared_ptr<drain_watch> drain(world& net, std::size_t node,
                                   milliseconds deadline) {
  auto watch = std::make_shared<drain_watch>();
  net.act([&net, node, deadline, watch](caf::event_based_actor* self) {
    self->request(net.nodes[node].actor, caf::infinite, drain_node{deadline})
      .then([&net, watch](const node_drained& given) {
        watch->answer = given;
        watch->at = net.elapsed();
      });
  });
  net.settle();
  return watch;
}

} // namespace

TEST_CASE("a node tells of its links, and of what it dropped on all of them") {
  world net{1};
  net.add_client();
  net.add_workers(2);
  net.connect();
  {
    stranger rude{net, "rude"};
    rude.shake_hands();
    auto bad = rude.seal(wire::ping{1});
    bad.network = "elsewhere";
    rude.send(bad);
    rude.send_bytes(bytes{1, 2, 3});
  }
  auto status = net.ask<node_status>(net.nodes[0].actor, query_node{});
  CHECK(status.node == net.nodes[0].environment->id());
  CHECK(status.owner == net.nodes[0].environment->owner);
  CHECK(status.display_name == "client");
  CHECK(status.network == network_name);
  CHECK_FALSE(status.works);
  CHECK_FALSE(status.draining);
  REQUIRE(status.peers.size() == 2);
  for (const auto& peer : status.peers) {
    CHECK(peer.ready);
    CHECK(peer.outbound);
    CHECK(peer.counters.messages_in > 0);
    CHECK(peer.counters.bytes_out > 0);
  }
  CHECK(status.counters.forged == 1);
  CHECK(status.counters.malformed == 1);
  CHECK(status.counters.messages_in > status.peers[0].counters.messages_in
                                        + status.peers[1].counters.messages_in);
  auto worker = net.ask<node_status>(net.nodes[1].actor, query_node{});
  CHECK(worker.works);
  CHECK(worker.worker.slots == 2);
}

TEST_CASE("a node tells how it is while a peer of it says nothing") {
  world net{2};
  net.add_client();
  stranger silent{net, "silent"};
  auto status = net.ask<node_status>(net.nodes[0].actor, query_node{});
  REQUIRE(status.peers.size() == 1);
  CHECK_FALSE(status.peers[0].ready);
}

TEST_CASE("a node that is drained takes no task, and says so") {
  world net{3};
  net.add_client();
  CHECK_FALSE(submit_and_see(net));
  auto watch = drain(net, 0, milliseconds{60'000});
  auto refused = submit_and_see(net);
  REQUIRE(refused);
  CHECK(refused->code == errc::refused);
  CHECK(refused->message == "this node is draining and takes no tasks");
  net.run_for(milliseconds{10'000});
  REQUIRE(watch->answer);
  CHECK(watch->answer->left == 0);
}

TEST_CASE("a node is drained once its tasks have ended, and they do end") {
  world net{4};
  net.add_client();
  net.add_workers(3);
  net.connect();
  auto task = net.submit(primes_task(1'000, 40));
  net.run_for(milliseconds{60});
  auto watch = drain(net, 0, milliseconds{60'000});
  CHECK_FALSE(watch->answer);
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  auto ended = net.elapsed();
  net.run_for(milliseconds{1'000});
  REQUIRE(watch->answer);
  CHECK(watch->answer->left == 0);
  CHECK(watch->at - ended < milliseconds{600});
  check_settled(net, *task);
}

TEST_CASE("a drain that takes too long ends at its deadline") {
  world net{5};
  net.add_client();
  net.add_workers(3, [](const sandbox::run_request&) {
    return answer("1", milliseconds{20'000});
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 3));
  net.run_for(milliseconds{500});
  auto owner = drain(net, 0, milliseconds{2'000});
  auto worker = drain(net, 1, milliseconds{3'000});
  net.run_for(milliseconds{4'000});
  REQUIRE(owner->answer);
  CHECK(owner->answer->left == 1);
  REQUIRE(worker->answer);
  CHECK(worker->answer->left > 0);
  auto status = net.ask<node_status>(net.nodes[1].actor, query_node{});
  CHECK(status.draining);
  CHECK(status.worker.draining);
  REQUIRE(net.await(task));
}

TEST_CASE("a worker is drained once what it runs has ended") {
  world net{6};
  net.add_client();
  net.add_workers(4, [](const sandbox::run_request& request) {
    auto run = honest(request);
    run.duration = milliseconds{2'000};
    return run;
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 8));
  net.run_for(milliseconds{500});
  auto watch = drain(net, 1, milliseconds{60'000});
  CHECK_FALSE(watch->answer);
  net.run_for(milliseconds{5'000});
  REQUIRE(watch->answer);
  CHECK(watch->answer->left == 0);
  // The others go on without it.
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
}

TEST_CASE("a node that stops takes no task, and tells who waits for it") {
  world net{7};
  net.add_client();
  std::optional<failure> problem;
  net.act([&](caf::event_based_actor* self) {
    self->request(net.nodes[0].actor, caf::infinite, await_peers{1})
      .then([](const peers_present&) { FAIL("nobody is there"); },
            [&](const caf::error& reason) { problem = failure_of(reason); });
  });
  net.settle();
  caf::anon_send(net.nodes[0].actor, stop_actor{});
  net.run_for(milliseconds{2'000});
  REQUIRE(problem);
  CHECK(problem->code == errc::cancelled);
}
