#include "protocol/overlay/lan_announcement.hpp"

#include "protocol/identity/hash.hpp"
#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"
#include "tests/protocol/wire/fill.hpp"

#include <doctest/doctest.h>

using namespace artel;

namespace {

constexpr wall_time start{milliseconds{1'800'000'000'000}};

key_pair key_number(std::uint64_t number) {
  auto random = random_generator::from_number(number);
  return key_pair::generate(random);
}

lan_announcement announcement(const key_pair& key, std::uint64_t sequence = 1,
                              wall_time sent = start) {
  lan_announcement item;
  item.network = "tests";
  item.port = 7447;
  item.sequence = sequence;
  item.sent = sent;
  sign_announcement(item, key);
  return item;
}

announcement_filter filter(std::size_t nodes_max = 1024) {
  return {"tests", key_number(99).node(), nodes_max};
}

errc code_of(const result<void>& outcome) {
  return outcome ? errc{} : outcome.error().code;
}

} // namespace

TEST_CASE("an announcement is taken once, and each later one") {
  auto key = key_number(1);
  auto hearing = filter();
  CHECK(hearing.admit(announcement(key, 5), start).ok());
  CHECK(code_of(hearing.admit(announcement(key, 5), start)) == errc::replayed);
  CHECK(code_of(hearing.admit(announcement(key, 4), start)) == errc::replayed);
  CHECK(hearing.admit(announcement(key, 6), start).ok());
  CHECK(hearing.admit(announcement(key_number(2), 5), start).ok());
  CHECK(hearing.size() == 2);
}

TEST_CASE("an announcement with any field changed is refused") {
  auto sound = announcement(key_number(1), 5);
  auto random = random_generator::from_number(2);
  for (int round = 0; round < 50; ++round) {
    auto item = sound;
    wire::for_each_field(item, [&](std::string_view name, auto& member) {
      CAPTURE(name);
      auto before = member;
      testing::random_values values{random};
      while (member == before)
        testing::fill(values, member, {name, 9, 9});
      auto hearing = filter();
      CHECK_FALSE(hearing.admit(item, start).ok());
      CHECK(hearing.size() == 0);
      member = before;
    });
  }
  CHECK(filter().admit(sound, start).ok());
}

TEST_CASE("a refused announcement does not use up its sequence") {
  auto key = key_number(1);
  auto hearing = filter();
  auto forged = announcement(key, 1'000'000);
  forged.port = 1;
  CHECK(code_of(hearing.admit(forged, start)) == errc::bad_signature);
  CHECK(hearing.admit(announcement(key, 1), start).ok());
}

TEST_CASE("each refusal says what it is for") {
  auto key = key_number(1);
  auto hearing = filter();
  auto foreign = announcement(key);
  foreign.network = "b";
  sign_announcement(foreign, key);
  CHECK(code_of(hearing.admit(foreign, start)) == errc::network_mismatch);
  CHECK(code_of(hearing.admit(announcement(key_number(99)), start))
        == errc::refused);
  auto nowhere = announcement(key);
  nowhere.port = 0;
  sign_announcement(nowhere, key);
  CHECK(code_of(hearing.admit(nowhere, start)) == errc::out_of_range);
  const auto skew = wire::clock_error_max;
  CHECK(code_of(hearing.admit(
          announcement(key, 1, start - skew - milliseconds{1}), start))
        == errc::out_of_range);
  CHECK(code_of(hearing.admit(
          announcement(key, 1, start + skew + milliseconds{1}), start))
        == errc::out_of_range);
  CHECK(hearing.admit(announcement(key, 1, start - skew), start).ok());
  CHECK(hearing.admit(announcement(key, 2, start + skew), start).ok());
}

TEST_CASE("it remembers a bounded number of nodes, the latest") {
  auto hearing = filter(10);
  for (std::uint64_t i = 0; i < 40; ++i) {
    auto now = start + milliseconds{i};
    CHECK(hearing.admit(announcement(key_number(i), 1, now), now).ok());
    hearing.check_invariants();
  }
  CHECK(hearing.size() == 10);
  CHECK(code_of(hearing.admit(announcement(key_number(39), 1), start))
        == errc::replayed);
}

TEST_CASE("the longest announcement fits one datagram") {
  auto item = announcement(key_number(1));
  item.network = std::string(limits::name_bytes_max, 'n');
  item.sequence = std::numeric_limits<std::uint64_t>::max();
  item.sent = wall_time{milliseconds{limits::time_ms_max}};
  item.port = 65535;
  auto encoded = wire::encode(item);
  CHECK(encoded.size() <= lan_announcement_bytes_max);
  auto decoded = wire::decode<lan_announcement>(encoded);
  REQUIRE(decoded.ok());
  CHECK(*decoded == item);
}
