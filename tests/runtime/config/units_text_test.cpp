#include "runtime/config/units_text.hpp"

#include "protocol/core/random.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

constexpr auto number_max = std::numeric_limits<std::uint64_t>::max();

std::uint64_t bytes_of(std::string_view text) {
  auto parsed = parse_bytes(text);
  REQUIRE_MESSAGE(parsed.ok(), text);
  return *parsed;
}

std::int64_t ms_of(std::string_view text) {
  auto parsed = parse_duration(text);
  REQUIRE_MESSAGE(parsed.ok(), text);
  return parsed->count();
}

} // namespace

TEST_CASE("sizes by thousands and by 1024 are told apart") {
  CHECK(bytes_of("1500") == 1500);
  CHECK(bytes_of("7B") == 7);
  CHECK(bytes_of("64KB") == 64'000);
  CHECK(bytes_of("64 KiB") == 65'536);
  CHECK(bytes_of("256MiB") == 268'435'456);
  CHECK(bytes_of("1GB") == 1'000'000'000);
  CHECK(bytes_of("2TiB") == 2'199'023'255'552);
}

TEST_CASE("the case of a size's unit does not matter") {
  CHECK(bytes_of("256mib") == bytes_of("256MIB"));
  CHECK(bytes_of("3gB") == 3'000'000'000);
}

TEST_CASE("a size that is no number with a unit is malformed") {
  for (auto text : {"", " ", "MiB", "-1", "12 parsecs", "1__0", "_1", "1MiB2",
                    "0x10", "1 2"}) {
    CAPTURE(text);
    auto parsed = parse_bytes(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::malformed);
    CHECK(parsed.error().message.find("256MiB") != std::string::npos);
  }
}

TEST_CASE("a size beyond 64 bits is out of range, not wrapped") {
  CHECK(bytes_of("18446744073709551615") == number_max);
  for (auto text : {"18446744073709551616", "16777216TiB", "99999999999TB"}) {
    CAPTURE(text);
    auto parsed = parse_bytes(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::out_of_range);
  }
}

TEST_CASE("times add up their parts, and fractions are exact") {
  CHECK(ms_of("500ms") == 500);
  CHECK(ms_of("10s") == 10'000);
  CHECK(ms_of("2m") == 120'000);
  CHECK(ms_of("2min") == 120'000);
  CHECK(ms_of("1h30m") == 5'400'000);
  CHECK(ms_of("1d2h3m4s5ms") == 93'784'005);
  CHECK(ms_of("0.5s") == 500);
  CHECK(ms_of("0s") == 0);
}

TEST_CASE("a time without a unit, or of less than a millisecond, is refused") {
  for (auto text : {"", "10", "s", "-5s", "1.5", "10 fortnights", "1m1h",
                    "1s1s", "0.0001s", "1..5s", "0.5ms", "10s5"}) {
    CAPTURE(text);
    auto parsed = parse_duration(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::malformed);
    CHECK(parsed.error().message.find("10s") != std::string::npos);
  }
}

TEST_CASE("ten thousand days are the longest time") {
  CHECK(ms_of("10000d") == 864'000'000'000);
  for (auto text : {"10001d", "10000d1ms", "99999999999999999999999s"}) {
    CAPTURE(text);
    auto parsed = parse_duration(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::out_of_range);
  }
}

TEST_CASE("both ends of a range may be written as people write numbers") {
  for (auto text : {"1..1000000000", "1..1_000_000_000", "1..10^9", "1..1e9",
                    " 1 .. 1000000000 "}) {
    CAPTURE(text);
    auto range = parse_range(text);
    REQUIRE(range.ok());
    CHECK(*range == number_range{1, 1'000'000'000});
  }
  // Which is larger is for validation to judge.
  auto reversed = parse_range("9..3");
  REQUIRE(reversed.ok());
  CHECK(*reversed == number_range{9, 3});
}

TEST_CASE("what is no range is malformed, and too large a number is told so") {
  for (auto text : {"", "5", "1...5", "..5", "1..", "a..b", "1-5", "-1..5",
                    "1.5..3", "1..2..3"}) {
    CAPTURE(text);
    auto range = parse_range(text);
    REQUIRE_FALSE(range.ok());
    CHECK(range.error().code == errc::malformed);
    CHECK(range.error().message.find("1..1000") != std::string::npos);
  }
  auto large = parse_range("1..10^20");
  REQUIRE_FALSE(large.ok());
  CHECK(large.error().code == errc::out_of_range);
}

TEST_CASE("whole numbers take underscores, powers and exponents") {
  for (auto [text, expected] :
       {std::pair<std::string_view, std::uint64_t>{"1500", 1500},
        {"1_000_000", 1'000'000},
        {"10^9", 1'000'000'000},
        {"2^63", 9'223'372'036'854'775'808u},
        {"2e6", 2'000'000},
        {"0e99999999999", 0},
        {"1^18446744073709551615", 1},
        {"0^0", 1}}) {
    CAPTURE(text);
    auto parsed = parse_whole_number(text);
    REQUIRE(parsed.ok());
    CHECK(*parsed == expected);
  }
  for (auto text : {"2^64", "1e20", "18446744073709551616"}) {
    CAPTURE(text);
    auto parsed = parse_whole_number(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::out_of_range);
  }
  for (auto text : {"", "^", "2^", "e5", "1.5", "-3", "1_", "1__0", "2^3^4"}) {
    CAPTURE(text);
    auto parsed = parse_whole_number(text);
    REQUIRE_FALSE(parsed.ok());
    CHECK(parsed.error().code == errc::malformed);
  }
}

TEST_CASE("any size and time reads back as the same from its text") {
  CHECK(bytes_text(256u << 20) == "256MiB");
  CHECK(bytes_text(1500) == "1500");
  CHECK(time_text(milliseconds{10'000}) == "10s");
  CHECK(time_text(milliseconds{1500}) == "1500ms");
  auto random = random_generator::from_number(42);
  for (int i = 0; i < 2000; ++i) {
    // Shifted, so that small and large, round and odd ones all occur.
    auto count = random.next() >> (random.next() % 64);
    count <<= random.next() % 4 * 10;
    CHECK(bytes_of(bytes_text(count)) == count);
    milliseconds time{static_cast<std::int64_t>(count % 864'000'000'001u)};
    CHECK(ms_of(time_text(time)) == time.count());
  }
}

TEST_CASE("no text whatever makes a parser read beyond it") {
  auto random = random_generator::from_number(7);
  constexpr std::string_view letters = "0123456789_.^eEkKmMiIbBsShd -\n";
  int sound = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto left = random.next() % 10; left > 0; --left)
      text += letters[random.next() % letters.size()];
    if (auto parsed = parse_duration(text)) {
      ++sound;
      CHECK(parsed->count() >= 0);
      CHECK(parsed->count() <= 864'000'000'000);
    }
    if (auto parsed = parse_bytes(text)) {
      ++sound;
      CHECK(bytes_of(bytes_text(*parsed)) == *parsed);
    }
    if (auto parsed = parse_range(text))
      CHECK(text.find("..") != std::string::npos);
  }
  CHECK(sound > 0);
}
