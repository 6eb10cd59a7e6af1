// Handshakes, links, and what strangers may send.
#include "tests/actors/checks.hpp"
#include "tests/actors/stranger.hpp"
#include "tests/actors/world.hpp"

#include <doctest/doctest.h>

#include <string>
#include <vector>

using namespace artel;
using namespace artel::testing;

TEST_CASE("a greeting that is right is answered with one") {
  world net{1};
  net.add_client();
  stranger other{net};
  auto hello = other.greeting();
  other.sign(hello);
  other.send(hello);
  CHECK(other.log->closed.empty());
  REQUIRE(other.log->payloads.size() == 2);
  const auto* answer = std::get_if<wire::handshake>(&other.log->payloads[0]);
  REQUIRE(answer != nullptr);
  CHECK(answer->reply);
  CHECK(answer->node == net.nodes[0].environment->id());
  CHECK(std::holds_alternative<wire::ping>(other.log->payloads[1]));
}

TEST_CASE("a greeting that is not right is refused, with a line in the log") {
  world net{2};
  net.add_client();
  stranger other{net};
  auto hello = other.greeting();
  SUBCASE("its signature is missing") {
    other.send(hello);
    CHECK(other.refusal() == errc::bad_signature);
    CHECK(net.has_log("signature does not fit"));
  }
  SUBCASE("its signature covers something else") {
    other.sign(hello);
    hello.sequence = 2;
    other.send(hello);
    CHECK(other.refusal() == errc::bad_signature);
    CHECK(net.has_log("signature does not fit"));
  }
  SUBCASE("it speaks another version") {
    hello.version = wire::protocol_version + 1;
    other.sign(hello);
    other.send(hello);
    CHECK(other.refusal() == errc::version_mismatch);
    CHECK(net.has_log("protocol version 1, not 2"));
  }
  SUBCASE("it can't be read") {
    hello.payload.pop_back();
    other.sign(hello);
    other.send(hello);
    CHECK(other.refusal() == errc::malformed);
  }
  CHECK_FALSE(other.log->closed.empty());
  CHECK(net.links->link_count() == 0);
}

TEST_CASE(
  "what overtakes the greeting is left, and the greeting still counts") {
  world net{7};
  net.add_client();
  stranger other{net};
  auto early = other.greeting();
  early.type = wire::ping::type_name;
  early.payload = wire::encode_payload(wire::ping{1});
  other.sign(early);
  other.send(early);
  CHECK(other.log->closed.empty());
  CHECK(other.log->payloads.empty());
  auto hello = other.greeting();
  other.sign(hello);
  other.send(hello);
  REQUIRE(other.log->payloads.size() == 2);
  CHECK(std::holds_alternative<wire::handshake>(other.log->payloads[0]));
}

TEST_CASE("links come up over lossy paths, and no greeting is needed twice") {
  world net{8};
  net.add_client();
  net.add_workers(8);
  net.settle();
  net.links->faults.loss = 300'000;
  net.links->faults.duplication = 200'000;
  net.links->faults.delay_max = milliseconds{60};
  for (std::size_t i = 1; i < net.nodes.size(); ++i)
    net.dial(0, net.nodes[i].setup.name);
  net.run_for(milliseconds{5'500});
  // Of forty frames a dozen are lost.
  auto present = net.ask<peers_present>(net.nodes[0].actor, await_peers{7});
  CHECK(present.count >= 7);
}

TEST_CASE("nodes of another network are refused by name") {
  world net{3};
  net.add_client();
  node_setup foreigner;
  foreigner.name = "foreigner";
  foreigner.network = "elsewhere";
  net.add_node(foreigner);
  net.settle();
  net.dial(0, "foreigner");
  net.run_for(milliseconds{100});
  CHECK(net.links->link_count() == 0);
  CHECK(net.has_log("belongs to network 'elsewhere', not 'test'"));
  // The dialler hears why.
  CHECK(net.has_log("client: peer foreigner: refused us:"));
}

TEST_CASE("bytes that are no frame end the link, whenever they come") {
  world net{4};
  net.add_client();
  auto random = random_generator::from_number(4);
  for (int i = 0; i < 50; ++i) {
    stranger other{net};
    auto greeted = i % 2 == 0;
    if (greeted) {
      auto hello = other.greeting();
      other.sign(hello);
      other.send(hello);
      CHECK(other.log->closed.empty());
    }
    bytes garbage(random.below(200));
    random.fill(garbage);
    other.send_bytes(garbage);
    CHECK_FALSE(other.log->closed.empty());
    CHECK(net.links->link_count() == 0);
  }
  CHECK(net.has_log("sent a malformed frame"));
}

TEST_CASE("a link on which nobody greets is closed after the deadline") {
  world net{5};
  net.add_client();
  stranger other{net};
  net.run_for(milliseconds{4'900});
  CHECK(other.log->closed.empty());
  net.run_for(milliseconds{200});
  CHECK_FALSE(other.log->closed.empty());
}

TEST_CASE("an address that did not answer can be dialled again") {
  world net{6};
  net.add_client();
  net.add_workers(1);
  net.settle();
  net.dial(0, "worker-2");
  net.run_for(milliseconds{10});
  net.add_workers(1);
  net.links->cut_off.insert("worker-1");
  net.dial(0, "worker-1");
  net.run_for(milliseconds{6'000});
  CHECK(net.links->link_count() == 0);
  net.links->cut_off.clear();
  net.connect();
  CHECK(net.links->link_count() == 2);
}

TEST_CASE("a second link to the same node is closed, and the first stays") {
  world net{7};
  net.add_client();
  net.add_workers(3);
  net.connect();
  net.links->listeners["alias"] = net.links->listeners.at("worker-1");
  net.dial(0, "alias");
  net.run_for(milliseconds{1'000});
  CHECK(net.links->link_count() == 3);
  CHECK_FALSE(net.has_log("is gone"));
  CHECK(net.run(primes_task(100, 5)).state == task_state::completed);
}

TEST_CASE("two nodes that dial each other at once keep one link") {
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    CAPTURE(seed);
    world net{seed};
    net.add_client();
    net.add_workers(1);
    net.settle();
    // Each side sees the other's link come up before its own.
    net.links->faults.delay_min = milliseconds{10};
    net.links->faults.delay_max = milliseconds{10};
    net.dial(0, "worker-1");
    net.dial(1, "client");
    net.run_for(milliseconds{1'000});
    CHECK(net.links->link_count() == 1);
    for (const auto& node : net.nodes)
      CHECK(net.ask<peers_present>(node.actor, await_peers{1}).count == 1);
  }
}

TEST_CASE("a node that dials itself ends up without a link") {
  world net{8};
  net.add_client();
  net.settle();
  net.dial(0, "client");
  net.links->listeners["alias"] = net.links->listeners.at("client");
  net.dial(0, "alias");
  net.run_for(milliseconds{100});
  CHECK(net.links->link_count() == 0);
  CHECK(net.has_log("this is the same node"));
}

TEST_CASE("peers tell each other where the others are") {
  world net{9};
  for (int i = 0; i < 5; ++i) {
    node_setup one;
    one.name = "node-" + std::to_string(i);
    one.explore = true;
    net.add_node(one);
    net.settle();
    if (i > 0)
      net.dial(static_cast<std::size_t>(i), "node-0");
    net.settle();
    net.run_for(milliseconds{50});
  }
  for (const auto& node : net.nodes)
    CHECK(net.ask<peers_present>(node.actor, await_peers{4}).count == 4);
  CHECK(net.links->link_count() == 5 * 4 / 2);
}

TEST_CASE("a frame that was changed on the way ends its link, not the task") {
  world net{10};
  net.add_client();
  net.add_workers(5);
  net.connect();
  auto changed = 0;
  net.links->tap = [&](const std::string& from, const std::string&,
                       bytes& frame) {
    if (from == "worker-1" && changed == 0 && frame.size() > 200) {
      ++changed;
      frame.resize(frame.size() - 1);
    }
    return true;
  };
  auto task = net.submit(primes_task(1'000, 20));
  REQUIRE(net.await(task));
  CHECK(changed == 1);
  CHECK(net.has_log("sent a malformed frame"));
  CHECK(task->report->state == task_state::completed);
  CHECK(as_text(task->report->result) == "168");
  check_settled(net, *task);
}

TEST_CASE("strangers that come again and again don't fill the log") {
  world net{11};
  net.add_client();
  for (int i = 0; i < 200; ++i) {
    stranger other{net};
    other.send(other.greeting());
    CHECK(other.refusal() == errc::bad_signature);
  }
  CHECK(net.log_lines.size() <= 3);
  net.run_for(milliseconds{1'100});
  stranger last{net};
  last.send(last.greeting());
  CHECK(net.has_log("(and 197 lines before)"));
  auto status = net.ask<node_status>(net.nodes[0].actor, query_node{});
  CHECK(status.links_refused == 201);
}
