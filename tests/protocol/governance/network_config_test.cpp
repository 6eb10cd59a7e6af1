#include "protocol/governance/network_config.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"
#include "tests/protocol/wire/fill.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <optional>

using namespace artel;

namespace {

constexpr wall_time start{milliseconds{1'800'000'000'000}};
constexpr milliseconds day{24 * 3600 * 1000};

key_pair key_number(std::uint64_t number) {
  auto random = random_generator::from_number(number);
  return key_pair::generate(random);
}

struct parties {
  key_pair root = key_number(1);
  key_pair seed = key_number(2);
  key_pair owner = key_number(3);
  key_pair node = key_number(4);
  key_pair other_seed = key_number(5);
};

seed_certificate seed_paper(const parties& who, const key_pair& seed,
                            std::uint64_t version_max = 1000) {
  seed_certificate item;
  item.network = "tests";
  item.seed = seed.node();
  item.config_version_max = version_max;
  item.issued = start - day;
  item.expires = start + day;
  sign_certificate(item, who.root);
  return item;
}

network_config plain_config(std::uint64_t version = 1) {
  network_config item;
  item.network = "tests";
  item.version = version;
  item.issued = start;
  return item;
}

network_config by_root(const parties& who, network_config item) {
  sign_config(item, who.root);
  return item;
}

network_config by_seed(const parties& who, network_config item) {
  item.root = who.root.owner();
  sign_config(item, who.seed, seed_paper(who, who.seed));
  return item;
}

result<void> check(const network_config& item, const parties& who,
                   wall_time now = start) {
  return check_config(item, "tests", who.root.owner(), now);
}

errc code_of(const result<void>& outcome) {
  return outcome ? errc{} : outcome.error().code;
}

} // namespace

// -- signing ------------------------------------------------------------------

TEST_CASE("the root and the seeds that it certified sign configs") {
  parties who;
  CHECK(check(by_root(who, plain_config()), who).ok());
  CHECK(check(by_seed(who, plain_config()), who).ok());
}

TEST_CASE("a config of another network or root is refused") {
  parties who;
  auto item = by_root(who, plain_config());
  CHECK(code_of(check_config(item, "b", who.root.owner(), start))
        == errc::network_mismatch);
  CHECK(code_of(check_config(item, "tests", who.seed.owner(), start))
        == errc::bad_signature);
  auto usurped = by_root(who, plain_config());
  sign_config(usurped, who.owner);
  CHECK(code_of(check(usurped, who)) == errc::bad_signature);
  usurped.root = who.root.owner();
  CHECK(code_of(check(usurped, who)) == errc::bad_signature);
}

TEST_CASE("a config with any field changed is refused") {
  parties who;
  for (auto signed_by_root : {true, false}) {
    auto item = plain_config(7);
    item.seeds = {{who.seed.node(), "seed.example:7447"}};
    item.witnesses = {who.seed.node()};
    item.revoked_nodes = {key_number(20).node()};
    item.revoked_owners = {key_number(21).owner()};
    item = signed_by_root ? by_root(who, item) : by_seed(who, item);
    REQUIRE(check(item, who).ok());
    auto random = random_generator::from_number(6);
    for (int round = 0; round < 20; ++round) {
      wire::for_each_field(item, [&](std::string_view name, auto& member) {
        CAPTURE(name);
        auto before = member;
        testing::random_values values{random};
        while (member == before)
          testing::fill(values, member, {name, 9, 9});
        CHECK_FALSE(check(item, who).ok());
        member = before;
      });
    }
    CHECK(check(item, who).ok());
  }
}

TEST_CASE("a seed may sign only what its certificate allows") {
  parties who;
  auto with = [&who](auto change) {
    auto item = plain_config(7);
    item.root = who.root.owner();
    auto paper = seed_paper(who, who.seed);
    change(item, paper);
    sign_certificate(paper, who.root);
    sign_config(item, who.seed, paper);
    return code_of(check(item, who, start + 2 * day));
  };
  using config = network_config;
  using paper = seed_certificate;
  CHECK(with([](config&, paper&) {}) == errc{});
  // It had expired by then, or was not yet there; that it has expired since is
  // no harm.
  CHECK(with([](config& c, paper&) { c.issued = start + day; })
        == errc::bad_signature);
  CHECK(with([](config& c, paper&) { c.issued = start - 2 * day; })
        == errc::bad_signature);
  CHECK(with([](config&, paper& p) { p.network = "b"; })
        == errc::bad_signature);
  CHECK(with([](config& c, paper&) { c.version = 1000; }) == errc{});
  CHECK(with([](config& c, paper&) { c.version = 1001; })
        == errc::bad_signature);
  CHECK(with([&](config& c, paper&) { c.revoked_nodes = {who.seed.node()}; })
        == errc::bad_signature);
  CHECK(with([&](config& c, paper&) { c.revoked_owners = {who.seed.owner()}; })
        == errc::bad_signature);
}

TEST_CASE("an issuer without a seed is no certificate to hide things in") {
  parties who;
  auto item = plain_config();
  item.root = who.root.owner();
  item.issuer.network = "anything";
  item.issuer_signature = who.root.sign(config_digest(item).view());
  CHECK(code_of(check(item, who)) == errc::bad_signature);
}

TEST_CASE("a config from the future waits until its time comes") {
  parties who;
  auto item = by_root(who, plain_config());
  CHECK(check(item, who, start - wire::clock_error_max).ok());
  CHECK(
    code_of(check(item, who, start - wire::clock_error_max - milliseconds{1}))
    == errc::timed_out);
}

TEST_CASE("a config that contradicts itself is refused") {
  parties who;
  auto with = [&who](auto change) {
    auto item = plain_config();
    change(item);
    return code_of(check(by_root(who, item), who));
  };
  using config = network_config;
  const auto a = who.seed.node();
  const auto b = who.node.node();
  CHECK(with([](config& c) { c.version = 0; }) == errc::invalid_argument);
  CHECK(with([](config& c) { c.price_floor = microcredits(-1); })
        == errc::invalid_argument);
  CHECK(with([](config& c) { c.price_floor = price_floor_max; }) == errc{});
  CHECK(with([](config& c) {
          c.price_floor = microcredits(price_floor_max.micro + 1);
        })
        == errc::invalid_argument);
  CHECK(with([](config& c) { c.messages_per_second_max = 0; })
        == errc::invalid_argument);
  CHECK(with([&](config& c) { c.seeds = {{a, "x:1"}, {b, ""}}; }) == errc{});
  CHECK(with([&](config& c) {
          c.seeds = {{a, "x:1"}, {a, "y:1"}};
        })
        == errc::invalid_argument);
  CHECK(with([&](config& c) {
          c.seeds = {{a, "x:1"}, {b, "x:1"}};
        })
        == errc::invalid_argument);
  CHECK(with([&](config& c) {
          c.witnesses = {a, b, a};
        })
        == errc::invalid_argument);
  CHECK(with([&](config& c) {
          c.revoked_nodes = {b, b};
        })
        == errc::invalid_argument);
  CHECK(with([&](config& c) {
          c.revoked_owners = {who.owner.owner(), who.owner.owner()};
        })
        == errc::invalid_argument);
}

TEST_CASE("a config holds after a way over the wire, with its largest lists") {
  parties who;
  auto random = random_generator::from_number(7);
  auto item = plain_config(3);
  for (std::size_t i = 0; i < limits::revoked_keys_max; ++i) {
    item.revoked_nodes.push_back(random.id<node_id>());
    item.revoked_owners.push_back(random.id<owner_id>());
  }
  item = by_seed(who, item);
  auto decoded = wire::decode<network_config>(wire::encode(item));
  REQUIRE(decoded.ok());
  CHECK(*decoded == item);
  CHECK(check(*decoded, who).ok());
}

TEST_CASE("what is signed is the encoding without the signature") {
  parties who;
  auto item = by_root(who, plain_config());
  auto bare = item;
  bare.issuer_signature = {};
  CHECK(config_digest(item)
        == hash_of("artel.network-config.v1", wire::encode(bare)));
}

// -- which one counts ---------------------------------------------------------

TEST_CASE("a higher version supersedes, and nothing supersedes itself") {
  parties who;
  auto first = by_root(who, plain_config(1));
  auto second = by_seed(who, plain_config(2));
  CHECK(supersedes(first, {}));
  CHECK_FALSE(supersedes({}, first));
  CHECK_FALSE(supersedes(network_config{}, network_config{}));
  CHECK(supersedes(second, first));
  CHECK_FALSE(supersedes(first, second));
  CHECK_FALSE(supersedes(first, first));
}

TEST_CASE("whichever way configs come, all nodes end with the same") {
  parties who;
  auto random = random_generator::from_number(8);
  std::vector<network_config> all;
  for (int i = 0; i < 12; ++i) {
    auto item = plain_config(1 + random.below(4));
    item.messages_per_second_max = 1 + static_cast<std::uint32_t>(i);
    all.push_back(random.below(2) == 0 ? by_root(who, item)
                                       : by_seed(who, item));
  }
  std::optional<network_config> agreed;
  for (int node = 0; node < 50; ++node) {
    for (auto left = all.size(); left > 1; --left)
      std::swap(all[left - 1], all[random.below(left)]);
    network_config current;
    for (const auto& next : all)
      if (supersedes(next, current))
        current = next;
    if (!agreed)
      agreed = current;
    CHECK(current == *agreed);
  }
  for (const auto& a : all)
    for (const auto& b : all)
      CHECK(supersedes(a, b) + supersedes(b, a) == (a == b ? 0 : 1));
}

TEST_CASE("a revoked seed's configs are not followed any more") {
  parties who;
  auto revoking = plain_config(5);
  revoking.revoked_nodes = {who.seed.node()};
  revoking = by_root(who, revoking);
  auto later = by_seed(who, plain_config(6));
  REQUIRE(check(later, who).ok());
  CHECK_FALSE(supersedes(later, revoking));
  CHECK(supersedes(by_root(who, plain_config(6)), revoking));
}

TEST_CASE("the root has the last word over a stolen seed key") {
  parties who;
  auto paper = seed_paper(who, who.seed, last_version_of_block(1));
  auto stolen = plain_config(paper.config_version_max);
  stolen.root = who.root.owner();
  sign_config(stolen, who.seed, paper);
  REQUIRE(check(stolen, who).ok());
  auto answer = plain_config(last_version_of_block(stolen.version) + 1);
  answer.revoked_nodes = {who.seed.node()};
  answer = by_root(who, answer);
  REQUIRE(check(answer, who).ok());
  CHECK(supersedes(answer, stolen));
  auto beyond = plain_config(answer.version + 1);
  beyond.root = who.root.owner();
  sign_config(beyond, who.seed, paper);
  CHECK(code_of(check(beyond, who)) == errc::bad_signature);
}

TEST_CASE("versions are given out in blocks of a thousand million") {
  CHECK(last_version_of_block(0) == 1'000'000'000);
  CHECK(last_version_of_block(1) == 1'000'000'000);
  CHECK(last_version_of_block(1'000'000'000) == 1'000'000'000);
  CHECK(last_version_of_block(1'000'000'001) == 2'000'000'000);
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  CHECK(last_version_of_block(most) == most);
}

// -- who may be there ---------------------------------------------------------

TEST_CASE("a node is revoked by its own key or by its owner's") {
  parties who;
  auto config = plain_config();
  const auto node = who.node.node();
  const auto owner = who.owner.owner();
  CHECK_FALSE(is_revoked(config, node, owner));
  config.revoked_nodes = {key_number(30).node(), node};
  CHECK(is_revoked(config, node, owner));
  config.revoked_nodes.clear();
  config.revoked_owners = {owner};
  CHECK(is_revoked(config, node, owner));
  CHECK_FALSE(is_revoked(config, node, who.node.owner()));
}

namespace {

/// A node that asks to be let in, with all papers that it could have.
struct applicant {
  parties who;
  owner_certificate ownership;
  seed_certificate seed;
  join_token token;
  owner_id owner;
  bool claims_seed = false;
  network_config config = plain_config();
  owner_id root = who.root.owner();

  applicant() {
    ownership.node = who.node.node();
    ownership.issued = start - day;
    ownership.expires = start + day;
    sign_certificate(ownership, who.owner);
    seed = seed_paper(who, who.node);
    token.network = "tests";
    token.owner = who.owner.owner();
    token.issued = start - day;
    token.expires = start + day;
    token.issuer = seed_paper(who, who.seed);
    sign_certificate(token, who.seed);
    owner = who.owner.owner();
  }

  errc ask(wall_time now = start) const {
    return code_of(check_admission(
      {who.node.node(), owner, claims_seed, ownership, seed, token}, config,
      root, "tests", now));
  }
};

} // namespace

TEST_CASE("what a node must show follows from the network's rule") {
  using enum admission_rule;
  for (auto rule : {open, token, certificate})
    for (auto has_ownership : {false, true})
      for (auto has_token : {false, true})
        for (auto claims_seed : {false, true}) {
          CAPTURE(to_string(rule));
          CAPTURE(has_ownership);
          CAPTURE(has_token);
          CAPTURE(claims_seed);
          applicant one;
          one.config.admission = rule;
          one.claims_seed = claims_seed;
          if (!has_ownership) {
            one.ownership = {};
            one.owner = one.who.node.owner();
            one.token.owner = one.owner;
            sign_certificate(one.token, one.who.seed);
          }
          if (!has_token)
            one.token = {};
          auto may = rule == open || claims_seed
                     || (has_token && (rule == token || has_ownership));
          CHECK(one.ask() == (may ? errc{} : errc::refused));
        }
}

TEST_CASE("a revoked node or owner is refused whatever it shows") {
  for (auto claims_seed : {false, true}) {
    applicant one;
    one.claims_seed = claims_seed;
    one.config.revoked_nodes = {one.who.node.node()};
    CHECK(one.ask() == errc::revoked);
    one.config.revoked_nodes.clear();
    one.config.revoked_owners = {one.owner};
    CHECK(one.ask() == errc::revoked);
    one.config.revoked_owners.clear();
    CHECK(one.ask() == errc{});
  }
}

TEST_CASE("a token given by a seed that was revoked since does not let in") {
  applicant one;
  one.config.admission = admission_rule::token;
  REQUIRE(one.ask() == errc{});
  one.config.revoked_nodes = {one.who.seed.node()};
  CHECK(one.ask() == errc::revoked);
}

TEST_CASE("nobody takes another's name as its owner") {
  applicant one;
  one.owner = one.who.other_seed.owner();
  CHECK(one.ask() == errc::bad_signature);
  one.ownership = {};
  CHECK(one.ask() == errc::bad_signature);
  one.owner = one.who.node.owner();
  CHECK(one.ask() == errc{});
}

TEST_CASE("an owner certificate that does not hold is never overlooked") {
  applicant one;
  CHECK(one.ask(start + day) == errc::timed_out);
  one.ownership.scope = certificate_scope::submit;
  CHECK(one.ask() == errc::bad_signature);
}

TEST_CASE("who claims to be a seed shows the root's certificate") {
  applicant one;
  one.claims_seed = true;
  CHECK(one.ask() == errc{});
  one.seed = seed_paper(one.who, one.who.other_seed);
  CHECK(one.ask() == errc::invalid_argument);
  one.seed = {};
  CHECK(one.ask() == errc::refused);
}

TEST_CASE("in a network without a root all may join, and nobody is a seed") {
  applicant one;
  one.root = {};
  one.config = {};
  CHECK(one.ask() == errc{});
  one.claims_seed = true;
  CHECK(one.ask() == errc::refused);
}

TEST_CASE("rules are read by the names that they are shown by") {
  for (auto rule : {admission_rule::open, admission_rule::token,
                    admission_rule::certificate}) {
    auto parsed = parse_admission_rule(to_string(rule));
    REQUIRE(parsed.ok());
    CHECK(*parsed == rule);
  }
  for (const auto* text : {"", "Open", "unknown", "closed"})
    CHECK(parse_admission_rule(text).error().code == errc::invalid_argument);
}
