// Who was refused and is let in again, and who is let in no longer.
#include "tests/actors/rooted_world.hpp"
#include "tests/actors/stranger.hpp"

#include <caf/send.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::testing;

// -- refusals and news --------------------------------------------------------

TEST_CASE("a node that is let in again comes back as soon as it hears of it") {
  rooted_world one{14};
  one.add("server");
  one.net.settle();
  one.add_dialling("client", {"server"});
  one.net.run_for(milliseconds{20'000});
  REQUIRE(one.peers_of(1) == 1);
  auto closed = one.config(2);
  closed.revoked_nodes = {one.net.nodes[1].environment->id()};
  one.update(0, one.signed_config(closed));
  one.net.run_for(milliseconds{1'000});
  REQUIRE(one.peers_of(1) == 0);
  one.net.links->dials.clear();
  one.net.run_for(milliseconds{60'000});
  // It asks a few times at most, and then leaves it alone.
  auto dials = one.net.links->dials["server"];
  CHECK(dials <= 2);
  SUBCASE("it hears of a config that lets it in") {
    one.update(0, one.signed_config(one.config(3)));
    one.update(1, one.signed_config(one.config(3)));
    one.net.run_for(milliseconds{3'000});
    CHECK(one.peers_of(1) == 1);
    CHECK(one.net.links->dials["server"] == dials + 1);
  }
  SUBCASE("it hears nothing, or what is old") {
    one.update(1, one.signed_config(closed));
    one.net.run_for(milliseconds{3'000});
    CHECK(one.net.links->dials["server"] == dials + 1);
    one.update(0, one.signed_config(one.config(3)));
    one.update(1, one.signed_config(one.config(1)));
    one.net.run_for(milliseconds{60'000});
    CHECK(one.peers_of(1) == 0);
    CHECK(one.net.links->dials["server"] == dials + 1);
  }
}

TEST_CASE("whom an owner lets in again is dialled at once") {
  rooted_world one{15};
  one.add("server");
  one.net.settle();
  one.add_dialling("client", {"server"});
  one.net.run_for(milliseconds{20'000});
  REQUIRE(one.peers_of(1) == 1);
  change_settings settings;
  settings.links_target = 1;
  settings.bootstrap = {"server"};
  settings.access.denied_nodes = {one.net.nodes[0].environment->id()};
  caf::anon_send(one.net.nodes[1].actor, settings);
  one.net.run_for(milliseconds{30'000});
  CHECK(one.peers_of(1) == 0);
  settings.access = {};
  caf::anon_send(one.net.nodes[1].actor, settings);
  one.net.run_for(milliseconds{3'000});
  CHECK(one.peers_of(1) == 1);
}

// -- certificates that end ----------------------------------------------------

TEST_CASE("a link ends with the token that its network asks for") {
  rooted_world one{16};
  auto seed = key_pair::generate(one.random);
  one.add_watchful("client");
  auto config = one.config(1);
  config.admission = admission_rule::token;
  one.update(0, one.signed_config(config));
  stranger brief{one.net, "brief"};
  stranger lasting{one.net, "lasting"};
  auto hello = brief.hello();
  SUBCASE("its own time is over") {
    hello.token = one.admit(hello.owner, seed, milliseconds{60'000});
  }
  SUBCASE("its issuer's is") {
    hello.token = one.admit(hello.owner, seed, milliseconds{600'000});
    hello.token.issuer.expires = issued + milliseconds{60'000};
    sign_certificate(hello.token.issuer, one.root);
    sign_certificate(hello.token, seed);
  }
  brief.shake_hands(hello);
  hello = lasting.hello();
  hello.token = one.admit(hello.owner, seed, milliseconds{600'000});
  lasting.shake_hands(hello);
  auto left = issued + milliseconds{60'000} - one.net.calendar();
  one.net.run_for(left - milliseconds{1});
  CHECK(brief.log->closed.empty());
  CHECK(one.peers_of(0) == 2);
  one.net.run_for(milliseconds{2});
  CHECK_FALSE(brief.log->closed.empty());
  CHECK(lasting.log->closed.empty());
  auto said = brief.heard<wire::goodbye>();
  REQUIRE(said.size() == 1);
  CHECK(said[0].code == errc::timed_out);
  CHECK(said[0].reason.ends_with(" has expired"));
  CHECK(one.status(0).links_refused == 1);
  CHECK(one.peers_of(0) == 1);
  one.net.run_for(milliseconds{540'000});
  CHECK_FALSE(lasting.log->closed.empty());
}

TEST_CASE("a token's end is seen without keep-alive too") {
  rooted_world one{18};
  auto seed = key_pair::generate(one.random);
  one.add("client");
  auto config = one.config(1);
  config.admission = admission_rule::token;
  one.update(0, one.signed_config(config));
  stranger other{one.net, "other"};
  auto hello = other.hello();
  hello.token = one.admit(hello.owner, seed, milliseconds{60'000});
  other.shake_hands(hello);
  auto left = issued + milliseconds{60'000} - one.net.calendar();
  one.net.run_for(left - milliseconds{1});
  CHECK(other.log->closed.empty());
  one.net.run_for(milliseconds{2});
  CHECK_FALSE(other.log->closed.empty());
}

TEST_CASE("where a network asks for no token, the end of one means nothing") {
  rooted_world one{17};
  auto seed = key_pair::generate(one.random);
  one.add_watchful("client");
  one.update(0, one.signed_config(one.config(1)));
  stranger other{one.net};
  auto hello = other.hello();
  hello.token = one.admit(hello.owner, seed, milliseconds{60'000});
  other.shake_hands(hello);
  one.net.run_for(milliseconds{120'000});
  CHECK(other.log->closed.empty());
  // Until it does.
  auto config = one.config(2);
  config.admission = admission_rule::token;
  one.update(0, one.signed_config(config));
  one.net.run_for(milliseconds{50});
  CHECK_FALSE(other.log->closed.empty());
}

TEST_CASE("a link ends with the certificate that says whose node it is") {
  rooted_world one{18};
  one.add_watchful("client");
  stranger other{one.net};
  auto owner = key_pair::generate(one.random);
  auto hello = other.hello();
  hello.ownership.node = other.node();
  hello.ownership.network = network_name;
  hello.ownership.issued = issued;
  hello.ownership.expires = one.net.calendar() + milliseconds{60'000};
  sign_certificate(hello.ownership, owner);
  hello.owner = hello.ownership.owner;
  other.shake_hands(hello);
  one.net.run_for(milliseconds{59'999});
  CHECK(other.log->closed.empty());
  one.net.run_for(milliseconds{2});
  CHECK_FALSE(other.log->closed.empty());
  CHECK(one.net.has_log("is not let in any more"));
}

TEST_CASE("a seed is one for as long as the root's certificate says") {
  rooted_world one{19};
  one.add_watchful("client");
  stranger other{one.net};
  auto hello = other.hello();
  hello.role = wire::node_role::seed;
  hello.seed = one.certify_seed(other.node());
  hello.seed.expires = one.net.calendar() + milliseconds{60'000};
  sign_certificate(hello.seed, one.root);
  other.shake_hands(hello);
  one.net.run_for(milliseconds{59'999});
  CHECK(other.log->closed.empty());
  one.net.run_for(milliseconds{2});
  CHECK_FALSE(other.log->closed.empty());
}
