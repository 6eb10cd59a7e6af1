// A network's config and its owner's policy: who is let in, who is put out, and
// how the word spreads.
#include "tests/actors/rooted_world.hpp"
#include "tests/actors/stranger.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <memory>
#include <string>
#include <vector>

using namespace artel;
using namespace artel::testing;

namespace {

/// a - b - c - d
void make_chain(rooted_world& one) {
  for (auto name : {"a", "b", "c", "d"})
    one.add(name);
  one.net.settle();
  one.net.dial(0, "b");
  one.net.dial(1, "c");
  one.net.dial(2, "d");
  one.net.run_for(milliseconds{100});
}

errc answer_to(stranger& other, const wire::handshake& hello) {
  auto item = other.greeting(hello);
  other.sign(item);
  other.send(item);
  return other.refusal();
}

} // namespace

TEST_CASE("a newer network config reaches every node, and each keeps it") {
  rooted_world one{1};
  make_chain(one);
  auto answer = one.update(0, one.signed_config(one.config(7)));
  CHECK_FALSE(answer.problem);
  CHECK(answer.version == 7);
  one.net.run_for(milliseconds{100});
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    CHECK(one.version_at(i) == 7);
    REQUIRE(one.kept(i).configs.size() == 1);
    CHECK(one.kept(i).configs[0].version == 7);
  }
  // An older one changes nothing any more, wherever it is given.
  auto late = one.update(3, one.signed_config(one.config(6)));
  REQUIRE(late.problem);
  CHECK(late.problem->code == errc::already_exists);
  CHECK(late.version == 7);
  CHECK_FALSE(one.update(3, one.signed_config(one.config(7))).problem);
  CHECK(one.kept(3).configs.size() == 1);
}

TEST_CASE("of two configs with one version all nodes end with the same") {
  rooted_world one{2};
  make_chain(one);
  auto first = one.config(3);
  auto second = one.config(3);
  second.messages_per_second_max = 1'000;
  one.net.links->cut_off = {"b"};
  one.update(0, one.signed_config(first));
  one.update(3, one.signed_config(second));
  one.net.run_for(milliseconds{100});
  one.net.links->cut_off.clear();
  one.net.links->break_links("b");
  one.net.run_for(milliseconds{100});
  one.net.dial(0, "b");
  one.net.dial(1, "c");
  one.net.run_for(milliseconds{100});
  auto digest = config_digest(one.kept(0).configs.back());
  for (std::size_t i = 0; i < 4; ++i) {
    CAPTURE(i);
    REQUIRE_FALSE(one.kept(i).configs.empty());
    CHECK(config_digest(one.kept(i).configs.back()) == digest);
  }
}

TEST_CASE("who comes later is told the newest config, whoever dials") {
  rooted_world one{3};
  one.add("a");
  one.update(0, one.signed_config(one.config(5)));
  one.add("late");
  one.add("later");
  one.net.settle();
  one.net.dial(0, "late");
  one.net.dial(2, "a");
  one.net.run_for(milliseconds{100});
  CHECK(one.version_at(1) == 5);
  CHECK(one.version_at(2) == 5);
}

TEST_CASE("a node that is revoked is put out everywhere, and stays out") {
  rooted_world one{4};
  make_chain(one);
  one.net.dial(3, "a");
  one.net.run_for(milliseconds{100});
  CHECK(one.peers_of(3) == 2);
  auto config = one.config(2);
  config.revoked_nodes = {one.net.nodes[3].environment->id()};
  one.update(1, one.signed_config(config));
  one.net.run_for(milliseconds{50});
  CHECK(one.peers_of(3) == 0);
  CHECK(one.net.has_log("d: peer"));
  CHECK(one.net.has_log("has revoked node"));
  for (auto target : {"a", "b", "c"})
    one.net.dial(3, target);
  one.net.run_for(milliseconds{100});
  CHECK(one.peers_of(3) == 0);
  CHECK(one.status(0).links_refused == 2);
  CHECK(one.peers_of(1) == 2);
}

TEST_CASE("an owner that is revoked is put out with all its nodes") {
  rooted_world one{5};
  one.add("a");
  one.add("b");
  auto third = one.setup("c");
  third.same_owner_as = 1;
  one.net.add_node(third);
  one.net.connect();
  auto config = one.config(2);
  config.revoked_owners = {one.net.nodes[1].environment->owner};
  one.update(0, one.signed_config(config));
  one.net.run_for(milliseconds{50});
  CHECK(one.peers_of(0) == 0);
}

TEST_CASE("a config that does not hold is not taken, and costs the link") {
  rooted_world one{6};
  one.add("client");
  stranger other{one.net};
  other.shake_hands();
  auto config = one.config(9);
  SUBCASE("nobody signed it") {
    config.root = one.root.owner();
  }
  SUBCASE("another root signed it") {
    sign_config(config, other.key());
  }
  SUBCASE("it was changed") {
    config = one.signed_config(config);
    config.version = 10;
  }
  other.post(wire::network_update{config});
  CHECK(one.version_at(0) == 0);
  CHECK(one.kept(0).configs.empty());
  CHECK_FALSE(other.log->closed.empty());
  CHECK(one.net.has_log("network config that does not hold"));
}

TEST_CASE("a config that can't be helped costs no link") {
  rooted_world one{7};
  one.add("client");
  auto plain = one.setup("plain");
  plain.root = {};
  one.net.add_node(plain);
  auto config = one.config(9);
  SUBCASE("an old one") {
    one.update(0, one.signed_config(config));
    stranger other{one.net};
    other.shake_hands();
    other.post(wire::network_update{one.signed_config(one.config(8))});
    one.net.run_for(milliseconds{50});
    CHECK(other.log->closed.empty());
    // It is told what it lacks, once.
    CHECK(other.heard<wire::network_update>().size() == 1);
    CHECK(one.version_at(0) == 9);
  }
  SUBCASE("one that is issued later than now") {
    config.issued = issued + std::chrono::hours{24};
    stranger other{one.net};
    other.shake_hands();
    other.post(wire::network_update{one.signed_config(config)});
    CHECK(other.log->closed.empty());
    CHECK(one.version_at(0) == 0);
  }
  SUBCASE("one of a network whose root is not known here") {
    stranger other{one.net, "stranger", "plain"};
    other.shake_hands();
    other.post(wire::network_update{one.signed_config(config)});
    CHECK(other.log->closed.empty());
    CHECK(one.version_at(1) == 0);
  }
}

TEST_CASE("where the network asks for a token, nobody comes without") {
  rooted_world one{8};
  auto seed_key = key_pair::generate(one.random);
  one.add("client");
  auto config = one.config(1);
  config.admission = admission_rule::token;
  one.update(0, one.signed_config(config));
  stranger other{one.net};
  auto hello = other.hello();
  SUBCASE("none") {
    CHECK(answer_to(other, hello) == errc::refused);
  }
  SUBCASE("one that holds") {
    hello.token.network = network_name;
    hello.token.owner = hello.owner;
    hello.token.issued = issued;
    hello.token.expires = issued + std::chrono::hours{10};
    hello.token.issuer = one.certify_seed(seed_key.node());
    sign_certificate(hello.token, seed_key);
    CHECK(answer_to(other, hello) == errc{});
    CHECK(other.heard<wire::handshake>().size() == 1);
  }
  SUBCASE("one of a seed that nobody certified") {
    hello.token.network = network_name;
    hello.token.owner = hello.owner;
    hello.token.issued = issued;
    hello.token.expires = issued + std::chrono::hours{10};
    hello.token.issuer = one.certify_seed(seed_key.node());
    hello.token.issuer.root_signature = {};
    sign_certificate(hello.token, seed_key);
    CHECK(answer_to(other, hello) == errc::bad_signature);
  }
}

TEST_CASE("nobody is a seed without the root's certificate") {
  rooted_world one{9};
  one.add("client");
  stranger other{one.net};
  auto hello = other.hello();
  hello.role = wire::node_role::seed;
  SUBCASE("without") {
    CHECK(answer_to(other, hello) == errc::refused);
  }
  SUBCASE("with it") {
    hello.seed = one.certify_seed(other.node());
    CHECK(answer_to(other, hello) == errc{});
    CHECK(other.heard<wire::handshake>().size() == 1);
  }
}

TEST_CASE("an owner's policy holds for new links and for those that are up") {
  rooted_world one{10};
  for (auto name : {"a", "b", "c"})
    one.add(name);
  one.net.connect();
  change_settings settings;
  settings.access.denied_nodes = {one.net.nodes[1].environment->id()};
  caf::anon_send(one.net.nodes[0].actor, settings);
  one.net.run_for(milliseconds{50});
  CHECK(one.peers_of(0) == 1);
  CHECK(one.status(0).links_refused == 1);
  one.net.dial(1, "a");
  one.net.run_for(milliseconds{50});
  CHECK(one.peers_of(0) == 1);
  CHECK(one.status(0).links_refused == 2);
  CHECK(one.net.has_log("b: peer a: refused us:"));
  settings.access = {};
  settings.access.allowed_owners = {one.net.nodes[1].environment->owner};
  caf::anon_send(one.net.nodes[0].actor, settings);
  one.net.run_for(milliseconds{50});
  CHECK(one.peers_of(0) == 0);
  one.net.dial(1, "a");
  one.net.dial(2, "a");
  one.net.run_for(milliseconds{50});
  auto peers = one.status(0).peers;
  REQUIRE(peers.size() == 1);
  CHECK(peers[0].node == one.net.nodes[1].environment->id());
}

TEST_CASE("a config kept from an earlier life holds from the start") {
  rooted_world one{11};
  auto setup = one.setup("client");
  auto config = one.config(4);
  SUBCASE("if it is sound") {
    setup.view.config = one.signed_config(config);
    one.net.add_node(setup);
    CHECK(one.version_at(0) == 4);
  }
  SUBCASE("not if somebody changed it") {
    setup.view.config = one.signed_config(config);
    setup.view.config.version = 5;
    one.net.add_node(setup);
    CHECK(one.version_at(0) == 0);
    CHECK(one.net.has_log("is left aside"));
  }
}

// -- claims -------------------------------------------------------------------

namespace {

payment_claim claim_of(world& net, const stranger& payer, credits amount) {
  payment_claim claim;
  claim.network = network_name;
  claim.task.value[0] = 7;
  claim.payer_owner = payer.key().owner();
  claim.payee = net.nodes[0].environment->owner;
  claim.amount = amount;
  claim.jobs = 3;
  claim.issued = net.calendar();
  claim.payer = payer.node();
  sign_claim(claim, payer.key());
  return claim;
}

} // namespace

TEST_CASE("the largest claim of a task is kept, acknowledged and shown") {
  rooted_world one{12};
  one.add("client");
  stranger other{one.net};
  other.shake_hands();
  auto small = claim_of(one.net, other, whole_credits(2));
  auto large = claim_of(one.net, other, whole_credits(5));
  for (const auto& claim : {small, large, small, large}) {
    other.post(wire::payment{claim});
    one.net.run_for(milliseconds{10});
  }
  auto acks = other.heard<wire::payment_ack>();
  REQUIRE(acks.size() == 4);
  CHECK(acks[0].amount == whole_credits(2));
  for (std::size_t i = 1; i < 4; ++i)
    CHECK(acks[i].amount == whole_credits(5));
  // Nothing is written twice.
  CHECK(one.kept(0).claims == std::vector<payment_claim>{small, large});
  CHECK(one.status(0).claims == std::vector<payment_claim>{large});
}

TEST_CASE("a claim that is not the sender's, or not for us, costs the link") {
  rooted_world one{13};
  one.add("client");
  stranger other{one.net};
  other.shake_hands();
  auto claim = claim_of(one.net, other, whole_credits(2));
  SUBCASE("its signature does not hold") {
    claim.amount = whole_credits(9);
  }
  SUBCASE("it is for somebody else") {
    claim.payee = other.key().owner();
    sign_claim(claim, other.key());
  }
  SUBCASE("it is in another's name") {
    claim.payer_owner = one.net.nodes[0].environment->owner;
    sign_claim(claim, other.key());
  }
  other.post(wire::payment{claim});
  CHECK(other.heard<wire::payment_ack>().empty());
  CHECK_FALSE(other.log->closed.empty());
  CHECK(one.kept(0).claims.empty());
}
