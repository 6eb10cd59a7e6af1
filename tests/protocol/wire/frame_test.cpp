#include "protocol/core/random.hpp"
#include "protocol/wire/envelope.hpp"
#include "tests/protocol/wire/fill.hpp"

#include <doctest/doctest.h>

#include <limits>

using namespace artel;
using namespace artel::wire;

namespace {

std::vector<envelope> some_envelopes(random_generator& random) {
  std::vector<envelope> items(random.below(6));
  for (auto& item : items)
    item = testing::random_message<envelope>(random);
  return items;
}

errc refusal(bytes_view data) {
  auto items = decode_frame(data);
  REQUIRE_FALSE(items.ok());
  return items.error().code;
}

} // namespace

TEST_CASE("a frame gives back the envelopes it was made of") {
  auto random = random_generator::from_number(1);
  for (int i = 0; i < 200; ++i) {
    auto items = some_envelopes(random);
    auto decoded = decode_frame(encode_frame(items));
    REQUIRE(decoded.ok());
    CHECK(*decoded == items);
  }
}

TEST_CASE("a frame is its length, then each envelope after its own length") {
  std::vector<envelope> items(2);
  auto one = encode(items[0]);
  REQUIRE(one.size() < 256);
  auto frame = encode_frame(items);
  auto size = static_cast<std::uint8_t>(one.size());
  bytes expected{0, 0, static_cast<std::uint8_t>((2 * one.size() + 8) >> 8),
                 static_cast<std::uint8_t>(2 * one.size() + 8)};
  for (int i = 0; i < 2; ++i) {
    expected.insert(expected.end(), {0, 0, 0, size});
    expected.insert(expected.end(), one.begin(), one.end());
  }
  CHECK(frame == expected);
}

TEST_CASE("a frame with a byte less or more is malformed") {
  std::vector<envelope> items(3);
  auto frame = encode_frame(items);
  for (std::size_t size = 0; size < frame.size(); ++size)
    REQUIRE(refusal(bytes_view{frame}.first(size)) == errc::malformed);
  frame.push_back(0);
  CHECK(refusal(frame) == errc::malformed);
}

TEST_CASE("a frame whose lengths lie is malformed, and says where") {
  std::vector<envelope> items(2);
  auto one = encode(items[0]);
  auto frame = encode_frame(items);
  auto second = length_bytes + length_bytes + one.size();
  auto longer = frame;
  ++longer[second + 3];
  auto decoded = decode_frame(longer);
  REQUIRE_FALSE(decoded.ok());
  CHECK(decoded.error().code == errc::malformed);
  CHECK(decoded.error().message.starts_with("frame[1]: "));
  auto huge = frame;
  huge[second] = 0xff;
  CHECK(refusal(huge) == errc::malformed);
  auto shorter = frame;
  --shorter[second + 3];
  CHECK(refusal(shorter) == errc::malformed);
}

TEST_CASE("a frame changed anywhere is refused or another canonical one") {
  auto random = random_generator::from_number(2);
  auto frame = encode_frame(std::vector<envelope>(2));
  for (int i = 0; i < 5000; ++i) {
    auto changed = frame;
    changed[random.below(changed.size())] =
      static_cast<std::uint8_t>(random.below(256));
    auto decoded = decode_frame(changed);
    if (decoded)
      REQUIRE(encode_frame(*decoded) == changed);
  }
}

TEST_CASE("a frame holds so many envelopes and no more") {
  std::vector<envelope> items(limits::envelopes_per_frame_max + 1);
  CHECK(count_for_frame(items) == limits::envelopes_per_frame_max);
  auto frame = encode_frame(std::span{items}.first(count_for_frame(items)));
  CHECK(decode_frame(frame).ok());
  // One more, by hand.
  auto one = encode_frame(std::span{items}.last(1));
  frame.insert(frame.end(), one.begin() + length_bytes, one.end());
  auto length = frame.size() - length_bytes;
  for (std::size_t i = 0; i < length_bytes; ++i)
    frame[i] = static_cast<std::uint8_t>(length >> (24 - 8 * i));
  CHECK(refusal(frame) == errc::limit_exceeded);
}

TEST_CASE("a frame is cut before it grows too large, but not before one") {
  CHECK(count_for_frame({}) == 0);
  std::vector<envelope> items(3);
  for (auto& item : items)
    item.payload.resize(limits::envelope_bytes_max / 2 - 1024);
  CHECK(count_for_frame(items) == 2);
  CHECK(decode_frame(encode_frame(std::span{items}.first(2))).ok());
  // So large that its bound alone passes the limit.
  items[0].payload.resize(limits::envelope_bytes_max - 400);
  CHECK(count_for_frame(items) == 1);
  CHECK(decode_frame(encode_frame(std::span{items}.first(1))).ok());
}

TEST_CASE("the bound on an envelope's size holds for the largest numbers") {
  envelope item;
  item.version = std::numeric_limits<std::uint32_t>::max();
  item.sequence = std::numeric_limits<std::uint64_t>::max();
  item.sent = wall_time{milliseconds::min()};
  item.time_to_live = milliseconds::min();
  item.network = std::string(limits::name_bytes_max, 'n');
  item.type = std::string(limits::name_bytes_max, 't');
  item.payload.resize(70'000);
  CHECK(encode(item).size()
        <= 336 + item.network.size() + item.type.size() + item.payload.size());
}

TEST_CASE("a frame above the limit is refused") {
  bytes frame(frame_bytes_max + 1);
  CHECK(refusal(frame) == errc::limit_exceeded);
}
