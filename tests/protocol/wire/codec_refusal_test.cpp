// What the codec refuses, written out byte by byte.
#include "protocol/wire/codec.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/wire/known_values.hpp"
#include "protocol/wire/messages.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <limits>
#include <string>

using namespace artel;
using namespace artel::wire;

namespace {

/// Hexadecimal digits, with 'names' in quotes encoded as short strings:
/// "81 'nonce' 07".
bytes raw(std::string_view text) {
  std::string digits;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\'') {
      auto end = text.find('\'', i + 1);
      auto name = text.substr(i + 1, end - i - 1);
      auto header = static_cast<std::uint8_t>(0xa0 + name.size());
      digits += to_hex({&header, 1}) + to_hex(as_bytes(name));
      i = end;
    } else if (text[i] != ' ') {
      digits += text[i];
    }
  }
  auto data = from_hex(digits);
  REQUIRE(data.ok());
  return *data;
}

std::string repeated(std::string_view text, std::size_t times) {
  std::string all;
  for (std::size_t i = 0; i < times; ++i)
    all += text;
  return all;
}

template <class T>
failure refusal(std::string_view text) {
  auto message = decode<T>(raw(text));
  REQUIRE_FALSE(message.ok());
  return message.error();
}

template <class T>
void check_refused(std::string_view text, errc code, std::string message) {
  CAPTURE(text);
  auto found = refusal<T>(text);
  CHECK(found.code == code);
  CHECK(found.message == message);
}

bytes encoded_error_code(errc code) {
  return encode(handshake_refused{code, "x"});
}

} // namespace

TEST_CASE("a number in its shortest form decodes") {
  for (const auto& [text, nonce] :
       std::initializer_list<std::pair<const char*, std::uint64_t>>{
         {"81 'nonce' 00", 0},
         {"81 'nonce' 7f", 127},
         {"81 'nonce' cc80", 128},
         {"81 'nonce' ccff", 255},
         {"81 'nonce' cd0100", 256},
         {"81 'nonce' cdffff", 65'535},
         {"81 'nonce' ce00010000", 65'536},
         {"81 'nonce' ceffffffff", 4'294'967'295},
         {"81 'nonce' cf0000000100000000", 4'294'967'296},
         {"81 'nonce' cfffffffffffffffff",
          std::numeric_limits<std::uint64_t>::max()}}) {
    auto message = decode<ping>(raw(text));
    REQUIRE(message.ok());
    CHECK(message->nonce == nonce);
    CHECK(encode(ping{nonce}) == raw(text));
  }
}

TEST_CASE("a number in a longer form is not canonical") {
  for (const auto* form :
       {"cc00", "cc7f", "cd0000", "cd00ff", "ce00000000", "ce0000ffff",
        "cf0000000000000000", "cf00000000ffffffff", "d000", "d07f", "d100ff",
        "d200010000", "d37fffffffffffffff", "d0e0", "d1ff80", "d2ffff8000",
        "d3ffffffff80000000"}) {
    auto found = refusal<ping>("81 'nonce' " + std::string{form});
    CHECK(found.code == errc::not_canonical);
    CHECK(found.message.starts_with("ping.nonce: the integer "));
  }
}

TEST_CASE("negative numbers keep their shortest form at each edge") {
  using limit = std::numeric_limits<std::int64_t>;
  for (const auto& [form, price] :
       std::initializer_list<std::pair<const char*, std::int64_t>>{
         {"ff", -1},
         {"e0", -32},
         {"d0df", -33},
         {"d080", -128},
         {"d1ff7f", -129},
         {"d18000", -32'768},
         {"d2ffff7fff", -32'769},
         {"d280000000", -2'147'483'648},
         {"d3ffffffff7fffffff", -2'147'483'649},
         {"d38000000000000000", limit::min()},
         {"cf7fffffffffffffff", limit::max()}}) {
    bid offer;
    offer.price_per_job = microcredits(price);
    auto encoded = to_hex(encode(offer));
    CHECK(encoded.find(to_hex(raw("'price_per_job'")) + form
                       + to_hex(raw("'expires'")))
          != std::string::npos);
    auto decoded = decode<bid>(encode(offer));
    REQUIRE(decoded.ok());
    CHECK(decoded->price_per_job.micro == price);
  }
}

TEST_CASE("a number outside its field's range is malformed") {
  check_refused<ping>("81 'nonce' ff", errc::malformed,
                      "ping.nonce: expected an integer from 0 to "
                      "18446744073709551615, found -1");
  check_refused<lease>("82 'attempt' 83 'task' c410" + repeated("00", 16)
                         + "'job' 00 'attempt' cf0000000100000000 'running' c2",
                       errc::malformed,
                       "lease.attempt.attempt: expected an integer from 0 to "
                       "4294967295, found 4294967296");
}

TEST_CASE("a number too large for a signed field is not taken for negative") {
  bid offer;
  offer.price_per_job = microcredits(std::numeric_limits<std::int64_t>::min());
  auto data = encode(offer);
  auto least = raw("d38000000000000000");
  auto place =
    std::search(data.begin(), data.end(), least.begin(), least.end());
  REQUIRE(place != data.end());
  *place = 0xcf;
  auto decoded = decode<bid>(data);
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error()
        == failure{errc::malformed,
                   "bid.price_per_job: expected an integer from "
                   "-9223372036854775808 to 9223372036854775807, found "
                   "9223372036854775808"});
}

TEST_CASE("an enumerator that is not known is malformed") {
  check_refused<handshake_refused>(
    "82 'code' 00 'reason' a0", errc::malformed,
    "handshake_refused.code: expected a known value from 1 to 25, found 0");
  check_refused<handshake_refused>(
    "82 'code' 1a 'reason' a0", errc::malformed,
    "handshake_refused.code: expected a known value from 1 to 25, found 26");
  CHECK(refusal<handshake_refused>("82 'code' ff 'reason' a0").code
        == errc::malformed);
  CHECK(refusal<handshake_refused>("82 'code' cd0101 'reason' a0").code
        == errc::malformed);
  CHECK(decode<handshake_refused>(encoded_error_code(errc::revoked)).ok());
}

TEST_CASE("moments and durations beyond the limit are refused") {
  auto max = limits::time_ms_max;
  for (auto count :
       {max, -max, max + 1, -max - 1, std::numeric_limits<std::int64_t>::max(),
        std::numeric_limits<std::int64_t>::min()}) {
    execution_limits item;
    item.wall_time = milliseconds{count};
    auto decoded = decode<execution_limits>(encode(item));
    auto within = count == max || count == -max;
    REQUIRE(decoded.ok() == within);
    if (!within)
      CHECK(decoded.error().code == errc::limit_exceeded);
  }
}

TEST_CASE("a wrong type is malformed and is named") {
  for (const auto& [form, name] :
       std::initializer_list<std::pair<const char*, const char*>>{
         {"c0", "nil"},
         {"c1", "an invalid byte"},
         {"c3", "a truth value"},
         {"ca00000000", "a floating-point number"},
         {"c40107", "a byte string"},
         {"a137", "a string"},
         {"9107", "an array"},
         {"8107", "a map"},
         {"d40107", "an extension"},
         {"", "the end"}})
    check_refused<ping>("81 'nonce' " + std::string{form}, errc::malformed,
                        std::string{"ping.nonce: expected an integer, found "}
                          + name);
  check_refused<ping>("9107", errc::malformed,
                      "ping: expected a map, found an array");
  check_refused<job_ack>("81 'attempts' 91 c3" + repeated("00", 37),
                         errc::malformed,
                         "job_ack.attempts[0]: expected a map, found a truth "
                         "value");
  // There is no header of an array or map that a zero byte could begin.
  check_refused<job_ack>("81 'attempts' 0010" + repeated("00", 16 * 38),
                         errc::malformed,
                         "job_ack.attempts: expected an array, found an "
                         "integer");
  check_refused<peer_exchange>("82 'request' 01 'peers' 90", errc::malformed,
                               "peer_exchange.request: expected a truth value, "
                               "found an integer");
}

TEST_CASE("an id of another size is malformed") {
  check_refused<blob_request>(
    "82 'blob' c41f" + repeated("00", 31) + "'pieces' 90", errc::malformed,
    "blob_request.blob: expected 32 bytes, found 31");
  check_refused<blob_request>(
    "82 'blob' c421" + repeated("00", 33) + "'pieces' 90", errc::limit_exceeded,
    "blob_request.blob: 33 bytes; at most 32 are allowed");
  check_refused<blob_request>(
    "82 'blob' c50020" + repeated("00", 32) + "'pieces' 90",
    errc::not_canonical,
    "blob_request.blob: the size of a byte string, 32, is not in its "
    "shortest form");
}

TEST_CASE("fields that are unknown, repeated or missing are malformed") {
  check_refused<ping>("82 'nonce' 07 'extra' 01", errc::malformed,
                      "ping: unknown field 'extra'");
  check_refused<ping>("82 'nonce' 07 'nonce' 07", errc::malformed,
                      "ping: repeated field 'nonce'");
  check_refused<ping>("80", errc::malformed, "ping: missing field 'nonce'");
  check_refused<ping>("81 'pong' 07", errc::malformed,
                      "ping: unknown field 'pong'");
  check_refused<ping>("81 a40a1b7f80 07", errc::malformed,
                      R"(ping: unknown field '\n\x1b\x7f\x80')");
  check_refused<ping>("81 07 07", errc::malformed,
                      "ping: expected a string, found an integer");
  check_refused<job_ack>("81 'attempts' 91 82 'task' c410" + repeated("00", 16)
                           + "'attempt' 01" + repeated("00", 14),
                         errc::malformed,
                         "job_ack.attempts[0]: missing field 'job'");
}

TEST_CASE("fields in another order are not canonical") {
  check_refused<blob_request>("82 'pieces' 90 'blob' c420" + repeated("00", 32),
                              errc::not_canonical,
                              "blob_request: the fields stand in another "
                              "order");
}

TEST_CASE("headers in a longer form are not canonical") {
  for (const auto* form : {"de0001 'nonce' 07", "df00000001 'nonce' 07",
                           "81 d9056e6f6e6365 07", "81 da00056e6f6e6365 07"}) {
    CAPTURE(form);
    CHECK(refusal<ping>(form).code == errc::not_canonical);
  }
  for (const auto* form : {"81 'attempts' dc0000", "81 'attempts' dd00000000",
                           "81 'attempts' dc000f"}) {
    CAPTURE(form);
    CHECK(refusal<job_ack>(form).code == errc::not_canonical);
  }
  for (const auto* form : {"d90178", "da000178", "db0000000178"}) {
    CAPTURE(form);
    auto found =
      refusal<handshake_refused>("82 'code' 01 'reason' " + std::string{form});
    CHECK(found.code == errc::not_canonical);
  }
  for (const auto* form : {"c5000107", "c60000000107"}) {
    CAPTURE(form);
    auto found = refusal<blob_piece>(
      "86 'blob' c420" + repeated("00", 32)
      + "'total_bytes' 00 'index' 00 'known' c2 'path' 90 'data' " + form);
    CHECK(found.code == errc::not_canonical);
  }
}

TEST_CASE("bytes after the message are malformed") {
  check_refused<ping>("81 'nonce' 07 00", errc::malformed,
                      "ping: 1 bytes trail the end of the message");
}

TEST_CASE("a count or size above its limit is refused before it is believed") {
  check_refused<job_ack>("81 'attempts' ddffffffff", errc::limit_exceeded,
                         "job_ack.attempts: 4294967295 elements; at most 1024 "
                         "are allowed");
  check_refused<job_ack>("81 'attempts' dc0401", errc::limit_exceeded,
                         "job_ack.attempts: 1025 elements; at most 1024 are "
                         "allowed");
  check_refused<handshake_refused>(
    "82 'code' 01 'reason' dbffffffff", errc::limit_exceeded,
    "handshake_refused.reason: 4294967295 bytes; at most 65536 are allowed");
  check_refused<blob_piece>(
    "86 'blob' c420" + repeated("00", 32)
      + "'total_bytes' 00 'index' 00 'known' c2 'path' 90 'data' "
        "c600040001",
    errc::limit_exceeded,
    "blob_piece.data: 262145 bytes; at most 262144 "
    "are allowed");
  // A map of 2^32 - 1 fields ends at the first that can't be.
  CHECK(refusal<ping>("dfffffffff 'nonce' 07 'nonce' 07").code
        == errc::malformed);
}

TEST_CASE("a count or size that the data can't hold is malformed") {
  // 38 bytes is the least an attempt takes.
  check_refused<job_ack>("81 'attempts' dc0400 00", errc::malformed,
                         "job_ack.attempts: truncated: expected "
                           + std::to_string(1024 * 38)
                           + " more bytes, found 1");
  check_refused<blob_piece>(
    "86 'blob' c420" + repeated("00", 32)
      + "'total_bytes' 00 'index' 00 'known' c2 'path' 90 'data' "
        "c600040000 07",
    errc::malformed,
    "blob_piece.data: truncated: expected 262144 "
    "more bytes, found 1");
}

TEST_CASE("every string, byte string and array has its limit") {
  auto fits = [](const auto& message) {
    auto decoded =
      decode<std::remove_cvref_t<decltype(message)>>(encode(message));
    REQUIRE((decoded.ok() || decoded.error().code == errc::limit_exceeded));
    return decoded.ok();
  };
  handshake hello;
  hello.display_name = std::string(limits::name_bytes_max, 'x');
  CHECK(fits(hello));
  hello.display_name += 'x';
  CHECK_FALSE(fits(hello));
  job_result_entry entry;
  entry.stderr_tail = std::string(limits::text_bytes_max, 'x');
  CHECK(fits(entry));
  entry.stderr_tail += 'x';
  CHECK_FALSE(fits(entry));
  CHECK(fits(job_cancel{std::vector<attempt_ref>(limits::batch_entries_max)}));
  CHECK_FALSE(
    fits(job_cancel{std::vector<attempt_ref>(limits::batch_entries_max + 1)}));
  job_input input;
  input.data.resize(limits::input_bytes_max);
  CHECK(fits(input));
  input.data.resize(limits::input_bytes_max + 1);
  CHECK_FALSE(fits(input));
}

TEST_CASE("data larger than any message is refused unread") {
  bytes data(limits::envelope_bytes_max + 1, 0x81);
  auto message = decode<ping>(data);
  REQUIRE_FALSE(message.ok());
  CHECK(message.error().code == errc::limit_exceeded);
}

TEST_CASE("containers nest up to the limit and no deeper") {
  auto nested = [](std::size_t depth) {
    return "82 'nonce' 07 'extra' " + repeated("91", depth - 1) + "90";
  };
  // The message's own map is the first level.
  CHECK(refusal<ping>(nested(limits::depth_max - 1)).code == errc::malformed);
  check_refused<ping>(nested(limits::depth_max), errc::limit_exceeded,
                      "ping: containers nest deeper than 16");
  CHECK(refusal<ping>(nested(100'000)).code == errc::limit_exceeded);
  CHECK(
    refusal<ping>("82 'nonce' 07 'extra' " + repeated("8100", 100'000) + "80")
      .code
    == errc::limit_exceeded);
  CHECK(refusal<ping>(repeated("91", 100'000)).code == errc::malformed);
  CHECK(refusal<ping>("81 'nonce' " + repeated("91", 100'000)).code
        == errc::malformed);
}

TEST_CASE("an error names the message and the way to the field") {
  job_assign batch;
  batch.jobs.resize(4);
  batch.jobs[3].input.kind = static_cast<input_kind>(9);
  auto decoded = decode<job_assign>(encode(batch));
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error()
        == failure{errc::malformed,
                   "job_assign.jobs[3].input.kind: expected a known value from "
                   "1 to 3, found 9"});
}
