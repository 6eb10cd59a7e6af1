#include "protocol/identity/certificates.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"
#include "tests/protocol/wire/fill.hpp"

#include <doctest/doctest.h>

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
};

owner_certificate ownership(const parties& who) {
  owner_certificate item;
  item.node = who.node.node();
  item.network = "tests";
  item.issued = start;
  item.expires = start + 30 * day;
  sign_certificate(item, who.owner);
  return item;
}

seed_certificate seed_paper(const parties& who) {
  seed_certificate item;
  item.network = "tests";
  item.seed = who.seed.node();
  item.config_version_max = 1000;
  item.issued = start;
  item.expires = start + 300 * day;
  sign_certificate(item, who.root);
  return item;
}

join_token token(const parties& who) {
  join_token item;
  item.network = "tests";
  item.owner = who.owner.owner();
  item.issued = start;
  item.expires = start + 30 * day;
  item.issuer = seed_paper(who);
  sign_certificate(item, who.seed);
  return item;
}

auto check(const owner_certificate& item, const parties& who,
           wall_time now = start) {
  return check_certificate(item, who.node.node(), "tests", now);
}
auto check(const seed_certificate& item, const parties& who,
           wall_time now = start) {
  return check_certificate(item, who.root.owner(), who.seed.node(), "tests",
                           now);
}
auto check(const join_token& item, const parties& who, wall_time now = start) {
  return check_certificate(item, who.root.owner(), who.owner.owner(), "tests",
                           now);
}

errc code_of(const result<void>& outcome) {
  return outcome ? errc{} : outcome.error().code;
}

/// A value other than before, of any field's type.
template <class T>
void change(T& value, random_generator& random, std::string_view name) {
  testing::random_values values{random};
  for (auto before = value; value == before;)
    testing::fill(values, value, {name, 40, 40});
}

/// Changes one field, chosen at random; below a nested struct, one of its.
template <class T>
void change_one_field(T& item, random_generator& random) {
  auto chosen = random.below(wire::schema<T>::message.field_count);
  std::uint64_t index = 0;
  wire::for_each_field(item, [&](std::string_view name, auto& member) {
    if (index++ != chosen)
      return;
    if constexpr (wire::has_fields<std::remove_cvref_t<decltype(member)>>)
      change_one_field(member, random);
    else
      change(member, random, name);
  });
}

template <class T>
void check_that_changes_show(const T& sound, const parties& who) {
  REQUIRE(check(sound, who).ok());
  auto random = random_generator::from_number(5);
  for (int round = 0; round < 300; ++round) {
    auto item = sound;
    change_one_field(item, random);
    REQUIRE(item != sound);
    CHECK_FALSE(check(item, who).ok());
  }
}

template <class T>
void check_span(const T& item, const parties& who) {
  CHECK(check(item, who, item.issued - wire::clock_error_max).ok());
  CHECK(code_of(check(item, who,
                      item.issued - wire::clock_error_max - milliseconds{1}))
        == errc::timed_out);
  CHECK(check(item, who, item.expires - milliseconds{1}).ok());
  CHECK(code_of(check(item, who, item.expires)) == errc::timed_out);
}

} // namespace

TEST_CASE("a certificate holds from when it was issued until it expires") {
  parties who;
  check_span(ownership(who), who);
  check_span(seed_paper(who), who);
  check_span(token(who), who);
}

TEST_CASE("a certificate with any field changed is refused") {
  parties who;
  check_that_changes_show(ownership(who), who);
  check_that_changes_show(seed_paper(who), who);
  check_that_changes_show(token(who), who);
}

TEST_CASE("no certificate is no certificate") {
  parties who;
  CHECK(code_of(check(owner_certificate{}, who)) == errc::invalid_argument);
  CHECK(code_of(check(seed_certificate{}, who)) == errc::invalid_argument);
  CHECK(code_of(check(join_token{}, who)) == errc::invalid_argument);
}

TEST_CASE("a certificate for somebody else is refused, by name") {
  parties who;
  auto other = key_number(9);
  CHECK(code_of(check_certificate(ownership(who), other.node(), "tests", start))
        == errc::invalid_argument);
  CHECK(code_of(check_certificate(seed_paper(who), who.root.owner(),
                                  other.node(), "tests", start))
        == errc::invalid_argument);
  CHECK(code_of(check_certificate(token(who), who.root.owner(), other.owner(),
                                  "tests", start))
        == errc::invalid_argument);
}

TEST_CASE("a certificate for another network is refused") {
  parties who;
  auto foreign = check_certificate(ownership(who), who.node.node(), "b", start);
  REQUIRE_FALSE(foreign.ok());
  CHECK(foreign.error().code == errc::invalid_argument);
  CHECK(foreign.error().message
        == "the owner certificate is for network 'tests', not 'b'");
  CHECK(code_of(check_certificate(seed_paper(who), who.root.owner(),
                                  who.seed.node(), "b", start))
        == errc::invalid_argument);
  CHECK(code_of(check_certificate(token(who), who.root.owner(),
                                  who.owner.owner(), "b", start))
        == errc::invalid_argument);
}

TEST_CASE("an owner certificate without a network holds in any") {
  parties who;
  auto item = ownership(who);
  item.network.clear();
  CHECK(code_of(check(item, who)) == errc::bad_signature);
  sign_certificate(item, who.owner);
  CHECK(check(item, who).ok());
  CHECK(check_certificate(item, who.node.node(), "b", start).ok());
}

TEST_CASE("only the network's own root makes seeds") {
  parties who;
  auto item = seed_paper(who);
  sign_certificate(item, who.owner);
  CHECK(code_of(check(item, who)) == errc::bad_signature);
  item.root = who.root.owner();
  CHECK(code_of(check(item, who)) == errc::bad_signature);
}

TEST_CASE("a join token needs a seed whose certificate holds") {
  parties who;
  auto item = token(who);
  item.issuer.expires = start + day;
  sign_certificate(item.issuer, who.root);
  sign_certificate(item, who.seed);
  CHECK(check(item, who).ok());
  auto late = check(item, who, start + day);
  REQUIRE_FALSE(late.ok());
  CHECK(late.error().code == errc::timed_out);
  CHECK(late.error().message
        == "the join token's issuer: the seed certificate has expired");

  auto self_made = token(who);
  sign_certificate(self_made.issuer, who.owner);
  sign_certificate(self_made, who.seed);
  CHECK(code_of(check(self_made, who)) == errc::bad_signature);
}

TEST_CASE("a token can't be signed by another than its seed") {
  parties who;
  auto item = token(who);
  item.seed_signature = who.owner.sign(certificate_digest(item).view());
  CHECK(code_of(check(item, who)) == errc::bad_signature);
}

TEST_CASE("what is signed is the encoding without the signature, per kind") {
  parties who;
  auto item = ownership(who);
  auto unsigned_item = item;
  unsigned_item.owner_signature = {};
  CHECK(certificate_digest(item)
        == hash_of("artel.owner-certificate.v1", wire::encode(unsigned_item)));
  auto paper = seed_paper(who);
  auto plain = paper;
  plain.root_signature = {};
  CHECK(certificate_digest(paper)
        == hash_of("artel.seed-certificate.v1", wire::encode(plain)));
  auto joining = token(who);
  auto bare = joining;
  bare.seed_signature = {};
  CHECK(certificate_digest(joining)
        == hash_of("artel.join-token.v1", wire::encode(bare)));
}

TEST_CASE("certificates hold after a way over the wire") {
  parties who;
  auto again = [](const auto& item) {
    using type = std::remove_cvref_t<decltype(item)>;
    auto decoded = wire::decode<type>(wire::encode(item));
    REQUIRE(decoded.ok());
    CHECK(*decoded == item);
    return *decoded;
  };
  CHECK(check(again(ownership(who)), who).ok());
  CHECK(check(again(seed_paper(who)), who).ok());
  CHECK(check(again(token(who)), who).ok());
}

TEST_CASE("a node without a certificate is its own owner") {
  parties who;
  CHECK(owner_of(who.node.node(), {}) == who.node.owner());
  CHECK(owner_of(who.node.node(), ownership(who)) == who.owner.owner());
}

TEST_CASE("scopes are read by the names that they are shown by") {
  for (auto scope : {certificate_scope::all, certificate_scope::work,
                     certificate_scope::submit}) {
    auto parsed = parse_certificate_scope(to_string(scope));
    REQUIRE(parsed.ok());
    CHECK(*parsed == scope);
  }
  for (const auto* text : {"", "All", "unknown", "earn"})
    CHECK(parse_certificate_scope(text).error().code == errc::invalid_argument);
}
