#include "protocol/core/bytes.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

using namespace artel;

TEST_CASE("bytes are shown as lower-case hexadecimal digits") {
  CHECK(to_hex({}) == "");
  CHECK(to_hex(bytes{0x00, 0x0f, 0xf0, 0xab, 0xff}) == "000ff0abff");
}

TEST_CASE("hexadecimal digits of either case are read") {
  CHECK(from_hex("").value() == bytes{});
  CHECK(from_hex("000ff0abff").value() == bytes{0x00, 0x0f, 0xf0, 0xab, 0xff});
  CHECK(from_hex("DeadBEEF").value() == bytes{0xde, 0xad, 0xbe, 0xef});
}

TEST_CASE("text that is not hexadecimal is malformed, and says where") {
  auto odd = from_hex("abc");
  REQUIRE_FALSE(odd.ok());
  CHECK(odd.error().code == errc::malformed);
  for (std::size_t position = 0; position < 4; ++position) {
    std::string text = "0a0b";
    for (auto wrong : {'g', 'G', '/', ':', '@', '`', ' ', '\0', '\xff'}) {
      text[position] = wrong;
      auto data = from_hex(text);
      REQUIRE_FALSE(data.ok());
      CHECK(data.error()
            == failure{errc::malformed, "not a hexadecimal digit at position "
                                          + std::to_string(position)});
    }
  }
}

TEST_CASE("what is shown as hexadecimal is read back the same") {
  auto random = random_generator::from_number(1);
  for (int i = 0; i < 500; ++i) {
    bytes data(random.below(100));
    random.fill(data);
    REQUIRE(from_hex(to_hex(data)).value() == data);
  }
}

TEST_CASE("text and bytes view each other without a change") {
  std::string text = "a\0\xff z";
  CHECK(as_text(as_bytes(text)) == text);
  CHECK(as_bytes(text).data()
        == reinterpret_cast<const std::uint8_t*>(text.data()));
  CHECK(to_bytes("a\xff") == bytes{'a', 0xff});
}
