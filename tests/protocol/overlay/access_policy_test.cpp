#include "protocol/overlay/access_policy.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace artel;

namespace {

node_id node(std::uint8_t number) {
  return node_id{{number}};
}

/// Of another value than any node's.
owner_id owner(std::uint8_t number) {
  return owner_id{{0, number}};
}

/// Empty where the node is let in.
std::string refusal(const access_policy& policy, const node_id& who,
                    const owner_id& whose) {
  auto outcome = check_access(policy, who, whose);
  if (outcome)
    return {};
  CHECK(outcome.error().code == errc::refused);
  return outcome.error().message;
}

bool lets_in(const access_policy& policy, std::uint8_t who,
             std::uint8_t whose) {
  return refusal(policy, node(who), owner(whose)).empty();
}

constexpr std::uint8_t unlisted = 9;

} // namespace

TEST_CASE("a policy that says nothing lets everybody in") {
  CHECK(lets_in({}, 1, 1));
  CHECK(lets_in({}, unlisted, unlisted));
  CHECK(refusal({}, {}, {}).empty());
}

TEST_CASE("who is denied by its node or its owner stays out, all others come") {
  access_policy policy;
  policy.denied_nodes = {node(1), node(2)};
  policy.denied_owners = {owner(3), owner(4)};
  for (std::uint8_t who : {1, 2})
    CHECK_FALSE(lets_in(policy, who, unlisted));
  for (std::uint8_t whose : {3, 4})
    CHECK_FALSE(lets_in(policy, unlisted, whose));
  CHECK(lets_in(policy, unlisted, unlisted));
  // An id is on the list that it is on.
  CHECK(lets_in(policy, 3, 1));
}

TEST_CASE("a list of those allowed, of either kind, keeps all others out") {
  access_policy policy;
  SUBCASE("nodes") {
    policy.allowed_nodes = {node(1)};
    CHECK(lets_in(policy, 1, unlisted));
    CHECK_FALSE(lets_in(policy, unlisted, 1));
  }
  SUBCASE("owners") {
    policy.allowed_owners = {owner(2)};
    CHECK(lets_in(policy, unlisted, 2));
    CHECK_FALSE(lets_in(policy, 2, unlisted));
  }
  SUBCASE("both: one of them is enough") {
    policy.allowed_nodes = {node(1)};
    policy.allowed_owners = {owner(2)};
    CHECK(lets_in(policy, 1, unlisted));
    CHECK(lets_in(policy, unlisted, 2));
    CHECK(lets_in(policy, 1, 2));
    CHECK_FALSE(lets_in(policy, 2, 1));
  }
  CHECK_FALSE(lets_in(policy, unlisted, unlisted));
}

TEST_CASE("who is denied stays out, also where it is allowed") {
  access_policy policy;
  policy.allowed_nodes = {node(1), node(2)};
  policy.allowed_owners = {owner(1), owner(2)};
  SUBCASE("a node, by its own list, its owner's, and both") {
    policy.denied_nodes = {node(1)};
    for (std::uint8_t whose : {1, 2, 9})
      CHECK_FALSE(lets_in(policy, 1, whose));
    CHECK(lets_in(policy, 2, 2));
  }
  SUBCASE("an owner, with every node") {
    policy.denied_owners = {owner(1)};
    for (std::uint8_t who : {1, 2, 9})
      CHECK_FALSE(lets_in(policy, who, 1));
    CHECK(lets_in(policy, 2, 2));
  }
}

TEST_CASE("a refusal names what kept the node out") {
  access_policy policy;
  policy.denied_nodes = {node(1)};
  policy.denied_owners = {owner(2)};
  CHECK(refusal(policy, node(1), owner(2))
        == "node " + short_name(node(1)) + " is denied here");
  CHECK(refusal(policy, node(3), owner(2))
        == "owner " + short_name(owner(2)) + " is denied here");
  policy.allowed_nodes = {node(4)};
  CHECK(refusal(policy, node(3), owner(3))
        == "only listed nodes and owners are let in here, and node "
             + short_name(node(3)) + " is not listed");
}

TEST_CASE("rates keep nobody out, and make another policy") {
  access_policy policy;
  policy.messages_per_second = 1;
  policy.bytes_per_second = 1;
  CHECK(lets_in(policy, unlisted, unlisted));
  CHECK(policy != access_policy{});
  auto other = policy;
  other.bytes_per_second = 2;
  CHECK(policy != other);
}

TEST_CASE("random policies: denied first, then allowed, then open to all") {
  auto random = random_generator::from_number(1);
  constexpr std::uint8_t ids = 4;
  auto draw = [&random] { return random.below(3) == 0; };
  for (int round = 0; round < 2'000; ++round) {
    access_policy policy;
    for (std::uint8_t id = 0; id < ids; ++id) {
      if (draw())
        policy.allowed_nodes.insert(node(id));
      if (draw())
        policy.allowed_owners.insert(owner(id));
      if (draw())
        policy.denied_nodes.insert(node(id));
      if (draw())
        policy.denied_owners.insert(owner(id));
    }
    auto anybody =
      policy.allowed_nodes.size() + policy.allowed_owners.size() == 0;
    for (std::uint8_t who = 0; who < ids; ++who)
      for (std::uint8_t whose = 0; whose < ids; ++whose) {
        auto denied = policy.denied_nodes.count(node(who))
                      + policy.denied_owners.count(owner(whose));
        auto allowed = policy.allowed_nodes.count(node(who))
                       + policy.allowed_owners.count(owner(whose));
        if (lets_in(policy, who, whose)
            != (denied == 0 && (anybody || allowed > 0)))
          FAIL("round " << round << ", node " << int{who} << ", owner "
                        << int{whose});
      }
  }
}
