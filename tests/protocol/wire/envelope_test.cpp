#include "protocol/wire/envelope.hpp"

#include "tests/protocol/wire/fill.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace artel;
using namespace artel::wire;

namespace {

constexpr wall_time now{milliseconds{1'700'000'000'000}};

node_id node(std::uint8_t number) {
  node_id id;
  id.value.fill(number);
  return id;
}

envelope sound_envelope() {
  envelope item;
  item.network = "main";
  item.type = "ping";
  item.sender = node(1);
  item.recipient = node(2);
  item.sequence = 1;
  item.sent = now;
  item.payload = encode(ping{7});
  return item;
}

errc refusal(const envelope& item) {
  auto checked = check_envelope(item, "main", node(2), now);
  REQUIRE_FALSE(checked.ok());
  return checked.error().code;
}

template <std::size_t... Index>
std::vector<payload> all_payloads(std::index_sequence<Index...>) {
  return {testing::counted<std::variant_alternative_t<Index, payload>>()...};
}

std::vector<payload> all_payloads() {
  return all_payloads(std::make_index_sequence<std::variant_size_v<payload>>{});
}

} // namespace

TEST_CASE("an envelope for this node, here and now, is admitted") {
  CHECK(check_envelope(sound_envelope(), "main", node(2), now).ok());
}

TEST_CASE("an envelope of another version or network is refused") {
  auto item = sound_envelope();
  item.version = protocol_version + 1;
  CHECK(refusal(item) == errc::version_mismatch);
  item = sound_envelope();
  item.network = "test";
  CHECK(refusal(item) == errc::network_mismatch);
}

TEST_CASE("only a handshake may leave its recipient open") {
  auto item = sound_envelope();
  item.recipient = node(3);
  CHECK(refusal(item) == errc::invalid_argument);
  item.recipient = {};
  CHECK(refusal(item) == errc::invalid_argument);
  item.type = "handshake_refused";
  CHECK(refusal(item) == errc::invalid_argument);
  item.type = "handshake";
  CHECK(check_envelope(item, "main", node(2), now).ok());
  item.recipient = node(3);
  CHECK(refusal(item) == errc::invalid_argument);
}

TEST_CASE("a clock may be off by 30 seconds either way") {
  auto item = sound_envelope();
  for (auto offset : {-30'000, 30'000}) {
    item.sent = now + milliseconds{offset};
    CHECK(check_envelope(item, "main", node(2), now).ok());
  }
  item.time_to_live = milliseconds{1'000'000};
  for (auto sent :
       {now - milliseconds{30'001}, now + milliseconds{30'001},
        wall_time{milliseconds::min()}, wall_time{milliseconds::max()}}) {
    item.sent = sent;
    CHECK(refusal(item) == errc::out_of_range);
  }
}

TEST_CASE("an envelope is refused when its time to live has run out") {
  auto item = sound_envelope();
  item.time_to_live = milliseconds{500};
  item.sent = now - milliseconds{500};
  CHECK(check_envelope(item, "main", node(2), now).ok());
  item.sent = now - milliseconds{501};
  CHECK(refusal(item) == errc::timed_out);
  item.sent = now;
  item.time_to_live = milliseconds::min();
  CHECK(refusal(item) == errc::timed_out);
}

TEST_CASE("every payload comes back from the envelope it is put in") {
  std::set<std::string_view> types;
  for (const auto& item : all_payloads()) {
    auto carrier = sound_envelope();
    carrier.type = type_of(item);
    carrier.payload = encode_payload(item);
    types.insert(type_of(item));
    auto decoded = decode_payload(carrier);
    REQUIRE(decoded.ok());
    CHECK(*decoded == item);
  }
  CHECK(types.size() == std::variant_size_v<payload>);
}

TEST_CASE("a payload of unknown or other type is malformed") {
  auto item = sound_envelope();
  item.type = "bing";
  auto unknown = decode_payload(item);
  REQUIRE_FALSE(unknown.ok());
  CHECK(
    unknown.error()
    == failure{errc::malformed, "envelope.type: 'bing' is no type of payload"});
  item.type = "blob_request";
  auto other = decode_payload(item);
  REQUIRE_FALSE(other.ok());
  CHECK(other.error().code == errc::malformed);
}

TEST_CASE("work and answers go after control, and code goes last") {
  for (const auto& item : all_payloads()) {
    auto type = type_of(item);
    CAPTURE(type);
    auto expected = type == "job_assign" || type == "job_result"
                      ? traffic_class::results
                    : type == "blob_piece" ? traffic_class::bulk
                                           : traffic_class::control;
    CHECK(class_of(item) == expected);
  }
}

TEST_CASE("an envelope's digest covers every field but the signature") {
  auto item = sound_envelope();
  std::set<hash256> digests{envelope_digest(item)};
  std::size_t fields = 0;
  for_each_field(item, [&](std::string_view name, auto& member) {
    ++fields;
    auto before = member;
    if constexpr (std::is_same_v<decltype(before), signature>) {
      member.value[0] ^= 1;
      CHECK(digests.contains(envelope_digest(item)));
    } else {
      testing::counted_values values;
      testing::fill(values, member, {name, 9, 9});
      if (member == before)
        testing::fill(values, member, {name, 9, 9});
      REQUIRE(member != before);
      CHECK(digests.insert(envelope_digest(item)).second);
    }
    member = before;
  });
  CHECK(digests.size() == fields);
}

TEST_CASE("an envelope's digest tells where one field ends") {
  auto item = sound_envelope();
  item.network = "ab";
  item.type = "c";
  auto other = item;
  other.network = "a";
  other.type = "bc";
  CHECK(envelope_digest(item) != envelope_digest(other));
}
