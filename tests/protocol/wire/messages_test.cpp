#include "protocol/wire/messages.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"
#include "tests/protocol/wire/fill.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace artel;
using namespace artel::wire;

TEST_CASE("roles have names") {
  CHECK(to_string(node_role::seed) == "seed");
  CHECK(to_string(node_role::public_) == "public");
  CHECK(to_string(node_role::client) == "client");
  CHECK(to_string(node_role::specialised) == "specialised");
  CHECK(to_string(static_cast<node_role>(9)) == "unknown");
}

TEST_CASE("a bid's digest is its encoding's hash without the signature") {
  auto offer = testing::counted<bid>();
  auto zeroed = offer;
  zeroed.worker_signature = {};
  CHECK(bid_digest(offer) == hash_of("artel.bid.v1", encode(zeroed)));
  CHECK(bid_digest(offer) == bid_digest(zeroed));
}

TEST_CASE("a bid's digest covers every field but the signature") {
  auto offer = testing::counted<bid>();
  std::set<hash256> digests{bid_digest(offer)};
  std::size_t fields = 0;
  for_each_field(offer, [&](std::string_view name, auto& member) {
    ++fields;
    auto before = member;
    testing::counted_values values;
    testing::fill(values, member, {name, 9, 9});
    if (member == before)
      testing::fill(values, member, {name, 9, 9});
    REQUIRE(member != before);
    digests.insert(bid_digest(offer));
    member = before;
  });
  CHECK(digests.size() == fields);
}

TEST_CASE("an assignment's leaf tells every part of it") {
  auto random = random_generator::from_number(1);
  auto terms = random.id<hash256>();
  auto worker = random.id<node_id>();
  auto input = random.id<hash256>();
  std::set<hash256> leaves{
    assignment_leaf(terms, worker, 1, 2, input),
    assignment_leaf(input, worker, 1, 2, input),
    assignment_leaf(terms, random.id<node_id>(), 1, 2, input),
    assignment_leaf(terms, worker, 2, 2, input),
    assignment_leaf(terms, worker, 1, 1, input),
    assignment_leaf(terms, worker, 2, 1, input),
    assignment_leaf(terms, worker, 1, 2, terms),
  };
  CHECK(leaves.size() == 7);
  CHECK(assignment_leaf(terms, worker, 1, 2, input)
        == hasher{"artel.assignment.v1"}
             .update(terms.view())
             .update(worker.view())
             .update(std::uint64_t{1})
             .update(std::uint64_t{2})
             .update(input.view())
             .finish());
}
