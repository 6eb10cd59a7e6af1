// Nodes that look after their links by themselves.
#include "tests/actors/kept.hpp"
#include "tests/actors/stranger.hpp"
#include "tests/actors/world.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <vector>

using namespace artel;
using namespace artel::testing;

namespace {

node_setup node_named(std::string name, std::size_t links_target,
                      std::vector<std::string> bootstrap = {}) {
  node_setup one;
  one.name = std::move(name);
  one.links_target = links_target;
  one.bootstrap = std::move(bootstrap);
  one.storage = std::make_shared<kept_things>();
  return one;
}

kept_things& kept(world& net, std::size_t node) {
  return dynamic_cast<kept_things&>(*net.nodes[node].setup.storage);
}

std::size_t peers_of(world& net, std::size_t node) {
  auto status = net.ask<node_status>(net.nodes[node].actor, query_node{});
  std::size_t count = 0;
  for (const auto& peer : status.peers)
    count += peer.ready;
  return count;
}

/// What a node passes on to whoever asks.
std::set<std::string> passed_on(stranger& other) {
  auto before = other.heard<wire::peer_exchange>().size();
  other.post(wire::peer_exchange{true, {}});
  auto answers = other.heard<wire::peer_exchange>();
  std::set<std::string> found;
  for (auto i = before; i < answers.size(); ++i)
    for (const auto& one : answers[i].peers)
      found.insert(one.address);
  return found;
}

} // namespace

TEST_CASE("nodes that know one address find each other and link up") {
  world net{1};
  net.add_node(node_named("seed", 8));
  net.settle();
  for (auto name : {"b", "c", "d", "e"})
    net.add_node(node_named(name, 4, {"seed"}));
  net.run_for(milliseconds{30'000});
  for (std::size_t i = 0; i < 5; ++i) {
    CAPTURE(i);
    CHECK(peers_of(net, i) == 4);
  }
  CHECK(net.links->link_count() == 10);
}

TEST_CASE("a node that exchanges nothing neither tells nor asks") {
  for (auto silent : {0, 1}) {
    CAPTURE(silent);
    world net{21};
    auto seed = node_named("seed", 8);
    seed.exchanges_addresses = silent != 0;
    net.add_node(std::move(seed));
    net.settle();
    for (auto name : {"b", "c", "d"}) {
      auto one = node_named(name, 4, {"seed"});
      one.exchanges_addresses = silent != 1;
      net.add_node(std::move(one));
    }
    net.run_for(milliseconds{30'000});
    for (std::size_t i = 1; i < 4; ++i)
      CHECK(peers_of(net, i) == 1);
    CHECK(net.links->link_count() == 3);
  }
}

TEST_CASE("a node dials no more than it needs") {
  world net{2};
  for (int i = 0; i < 8; ++i)
    net.add_node(node_named("node-" + std::to_string(i), 0));
  net.settle();
  net.add_node(node_named("client", 3,
                          {"node-0", "node-1", "node-2", "node-3", "node-4",
                           "node-5", "node-6", "node-7"}));
  net.run_for(milliseconds{60'000});
  CHECK(peers_of(net, 8) == 3);
  std::size_t dials = 0;
  for (const auto& [address, count] : net.links->dials)
    dials += count;
  CHECK(dials == 3);
}

TEST_CASE("a link that is lost is dialled again, with growing pauses") {
  world net{3};
  net.add_node(node_named("server", 0));
  net.settle();
  net.add_node(node_named("client", 1, {"server"}));
  net.run_for(milliseconds{20'000});
  CHECK(peers_of(net, 1) == 1);
  auto server = net.links->listeners.at("server");
  net.links->leave("server");
  net.run_for(milliseconds{1});
  net.links->dials.clear();
  net.run_for(milliseconds{600'000});
  auto dials = net.links->dials["server"];
  CHECK(dials >= 5);
  CHECK(dials <= 30);
  net.links->listeners["server"] = server;
  net.run_for(milliseconds{660'000});
  CHECK(peers_of(net, 1) == 1);
}

TEST_CASE("without a target nothing is dialled that was not asked for") {
  world net{4};
  net.add_node(node_named("server", 0));
  net.settle();
  net.add_node(node_named("client", 0, {"server"}));
  learn_addresses lan;
  lan.addresses = {{"server", {}}};
  caf::anon_send(net.nodes[1].actor, lan);
  net.run_for(milliseconds{60'000});
  CHECK(net.links->dials.empty());
  // Until there is one.
  change_settings settings;
  settings.bootstrap = {"server"};
  settings.links_target = 1;
  caf::anon_send(net.nodes[1].actor, settings);
  net.run_for(milliseconds{1'000});
  CHECK(peers_of(net, 1) == 1);
}

TEST_CASE("what the local network tells is dialled") {
  world net{5};
  net.add_node(node_named("server", 0));
  net.settle();
  net.add_node(node_named("client", 2));
  learn_addresses lan;
  lan.addresses = {
    {"server", net.nodes[0].environment->id()}, {"client", {}}, {"", {}}};
  caf::anon_send(net.nodes[1].actor, lan);
  net.run_for(milliseconds{1'000});
  CHECK(peers_of(net, 1) == 1);
  CHECK(net.links->dials.size() == 1);
}

TEST_CASE("a node that finds itself at an address does not go there again") {
  world net{6};
  net.add_node(node_named("self", 0));
  net.settle();
  auto& node = net.nodes[0];
  SUBCASE("told by itself, over links that prove nothing") {
  }
  SUBCASE("proven by the link") {
    net.links->proven["alias"] = node.environment->id();
    net.links->proven["self"] = node.environment->id();
  }
  net.links->listeners["alias"] = {net.links->listeners.at("self").transport,
                                   node.actor};
  change_settings settings;
  settings.bootstrap = {"self", "alias"};
  settings.links_target = 2;
  caf::anon_send(node.actor, settings);
  net.run_for(milliseconds{600'000});
  CHECK(net.links->dials["self"] == 0);
  CHECK(net.links->dials["alias"] == 1);
  CHECK(net.links->link_count() == 0);
}

TEST_CASE(
  "an address is passed on only once this node has met its node there") {
  world net{7};
  net.add_node(node_named("client", 8));
  net.add_node(node_named("honest", 8, {"client"}));
  net.add_node(node_named("victim", 0));
  net.settle();
  stranger liar{net, "liar"};
  auto hello = liar.hello();
  // Somebody else's, and one where nobody is.
  SUBCASE("another's") {
    hello.address = "victim";
  }
  SUBCASE("nobody's") {
    hello.address = "nowhere";
  }
  liar.shake_hands(hello);
  stranger asking{net, "asking"};
  asking.shake_hands();
  net.run_for(milliseconds{20'000});
  // The honest one dialled us, so its address was tried.
  CHECK(passed_on(asking) == std::set<std::string>{"honest"});
  // And the link that it had is the one it has.
  CHECK(peers_of(net, 1) == 1);
  CHECK(net.links->dials["honest"] == 1);
  // Who may be lying is not asked for ever.
  net.run_for(milliseconds{600'000});
  CHECK(net.links->dials["nowhere"] <= 8);
  CHECK(liar.log->closed.empty());
}

TEST_CASE("looking who is at an address leaves the link in use alone") {
  world net{8};
  net.add_node(node_named("server", 8));
  net.settle();
  net.add_node(node_named("client", 1, {"server"}));
  net.run_for(milliseconds{60'000});
  CHECK(net.links->dials["client"] >= 1);
  CHECK(net.links->link_count() == 1);
  CHECK_FALSE(net.has_log("is gone"));
}

TEST_CASE("addresses that were reached are kept, now and then and at the end") {
  world net{9};
  net.add_node(node_named("server", 0));
  net.settle();
  net.add_node(node_named("client", 1, {"server"}));
  net.run_for(milliseconds{20'000});
  CHECK(kept(net, 1).times_addresses == 0);
  net.run_for(milliseconds{15'000});
  CHECK(kept(net, 1).times_addresses == 1);
  net.run_for(milliseconds{600'000});
  // Nothing has changed since.
  CHECK(kept(net, 1).times_addresses == 1);
  REQUIRE(kept(net, 1).addresses.size() == 1);
  CHECK(kept(net, 1).addresses[0].address == "server");
  CHECK(kept(net, 1).addresses[0].node == net.nodes[0].environment->id());
  auto storage = net.nodes[1].setup.storage;
  net.links->break_links("server");
  net.settle();
  caf::anon_send(net.nodes[1].actor, stop_actor{});
  net.run_for(milliseconds{2'000});
  CHECK(kept(net, 1).times_addresses == 2);
}

TEST_CASE("a node comes back to where it was in an earlier life") {
  world net{10};
  net.add_node(node_named("server", 0));
  net.settle();
  auto client = node_named("client", 1);
  client.addresses = {{"server", net.nodes[0].environment->id(),
                       address_source::exchange, net.calendar()}};
  net.add_node(client);
  net.run_for(milliseconds{1'000});
  CHECK(peers_of(net, 1) == 1);
}

TEST_CASE(
  "an address whose node will have nothing to do with us is left alone") {
  world net{11};
  auto server = node_named("server", 0);
  server.view.access.allowed_nodes = {node_id{{1, 2, 3}}};
  net.add_node(server);
  net.settle();
  net.add_node(node_named("client", 1, {"server"}));
  net.run_for(milliseconds{240'000});
  CHECK(net.links->dials["server"] == 1);
}
