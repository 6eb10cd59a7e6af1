#include "protocol/wire/codec.hpp"

#include "protocol/core/random.hpp"
#include "tests/protocol/wire/fill.hpp"
#include "tests/protocol/wire/message_list.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::wire;

namespace {

/// Whatever decodes is canonical: it encodes to the very same bytes.
template <class T>
bool is_refused_or_canonical(const bytes& data) {
  auto decoded = decode<T>(data);
  if (decoded)
    return encode(*decoded) == data;
  return decoded.error().message.starts_with(T::type_name)
         && (decoded.error().code == errc::malformed
             || decoded.error().code == errc::not_canonical
             || decoded.error().code == errc::limit_exceeded);
}

/// One random change: a byte replaced, flipped in one bit, inserted, removed,
/// or made one of those that mean something to MessagePack.
void mutate(bytes& data, random_generator& random) {
  static constexpr std::uint8_t meaningful[] = {
    0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3,
    0xc4, 0xc5, 0xc6, 0xc7, 0xca, 0xcb, 0xcc, 0xcd, 0xce, 0xcf, 0xd0, 0xd1,
    0xd2, 0xd3, 0xd4, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff};
  auto position = random.below(data.size());
  auto place = data.begin() + static_cast<std::ptrdiff_t>(position);
  auto chosen = meaningful[random.below(std::size(meaningful))];
  switch (random.below(5)) {
    case 0: *place = static_cast<std::uint8_t>(random.below(256)); break;
    case 1: *place ^= static_cast<std::uint8_t>(1 << random.below(8)); break;
    case 2: data.insert(place, chosen); break;
    case 3: data.erase(place); break;
    default: *place = chosen; break;
  }
}

} // namespace

TEST_CASE_TEMPLATE("what is encoded decodes to the same message", T,
                   ARTEL_TEST_MESSAGES) {
  auto random = random_generator::from_number(1);
  for (int i = 0; i < 200; ++i) {
    auto message = testing::random_message<T>(random);
    auto encoded = encode(message);
    auto decoded = decode<T>(encoded);
    REQUIRE_MESSAGE(decoded.ok(), decoded.error().message);
    REQUIRE(*decoded == message);
    REQUIRE(encode(*decoded) == encoded);
  }
}

TEST_CASE_TEMPLATE("a truncated message is malformed", T, ARTEL_TEST_MESSAGES) {
  auto random = random_generator::from_number(2);
  for (const auto& message :
       {testing::counted<T>(), testing::random_message<T>(random)}) {
    auto encoded = encode(message);
    // A long message's middle is all payload; its ends are what differs.
    for (std::size_t size = 0; size < encoded.size(); ++size) {
      if (size == 2048 && encoded.size() > 4096)
        size = encoded.size() - 2048;
      auto decoded = decode<T>(bytes_view{encoded}.first(size));
      REQUIRE_FALSE(decoded.ok());
      REQUIRE(decoded.error().code == errc::malformed);
    }
  }
}

TEST_CASE_TEMPLATE("a changed message is refused or another canonical one", T,
                   ARTEL_TEST_MESSAGES) {
  auto random = random_generator::from_number(3);
  auto encoded = encode(testing::counted<T>());
  for (int i = 0; i < 3000; ++i) {
    auto changed = encoded;
    for (auto changes = 1 + random.below(3); changes > 0; --changes)
      mutate(changed, random);
    REQUIRE(is_refused_or_canonical<T>(changed));
  }
}

TEST_CASE_TEMPLATE("a changed byte is refused or another canonical one", T,
                   ARTEL_TEST_MESSAGES) {
  auto encoded = encode(testing::counted<T>());
  for (std::size_t i = 0; i < encoded.size(); ++i)
    for (int bit = 0; bit < 8; ++bit) {
      auto changed = encoded;
      changed[i] ^= static_cast<std::uint8_t>(1 << bit);
      REQUIRE(is_refused_or_canonical<T>(changed));
    }
}

TEST_CASE_TEMPLATE("random bytes are refused", T, ARTEL_TEST_MESSAGES) {
  auto random = random_generator::from_number(4);
  for (int i = 0; i < 1000; ++i) {
    bytes data(random.below(200));
    random.fill(data);
    REQUIRE_FALSE(decode<T>(data).ok());
  }
}
