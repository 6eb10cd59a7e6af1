#include "tools/artel/wire/vectors.hpp"

#include "protocol/wire/codec.hpp"
#include "protocol/wire/envelope.hpp"
#include "runtime/observe/json.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

using namespace artel;
using runtime::json;

namespace {

json vectors() {
  return json::parse(tools::wire_vectors());
}

bytes raw(const json& digits) {
  auto data = from_hex(digits.get<std::string>());
  REQUIRE(data.ok());
  return *data;
}

} // namespace

TEST_CASE("vectors are the same each time") {
  CHECK(tools::wire_vectors() == tools::wire_vectors());
}

TEST_CASE("a conversation's frames decode, and its greetings are signed") {
  std::set<std::string> types;
  auto all = vectors();
  REQUIRE_FALSE(all["transcript"].empty());
  for (const auto& step : all["transcript"]) {
    auto items = wire::decode_frame(raw(step["frame"]));
    REQUIRE_MESSAGE(items.ok(), items.error().message);
    for (const auto& item : *items) {
      types.insert(item.type);
      CAPTURE(item.type);
      CHECK(wire::decode_payload(item).ok());
      auto greets = item.type == "handshake";
      CHECK(verify(item.sender, wire::envelope_digest(item).view(),
                   item.sender_signature)
            == greets);
    }
  }
  for (const auto* type :
       {"handshake", "ping", "pong", "bid_request", "bid", "job_assign",
        "job_ack", "heartbeat", "job_result", "job_result_ack", "payment",
        "payment_ack", "network_update", "goodbye"})
    CHECK(types.contains(type));
}

TEST_CASE("what is to be refused names an error") {
  auto all = vectors();
  REQUIRE_FALSE(all["refused"].empty());
  std::set<std::string> errors;
  for (const auto& one : all["refused"])
    errors.insert(one["error"].get<std::string>());
  CHECK(
    errors
    == std::set<std::string>{"limit_exceeded", "malformed", "not_canonical"});
}
