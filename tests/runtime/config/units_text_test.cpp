#include "runtime/config/units_text.hpp"

#include "protocol/core/random.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

TEST_CASE("whole numbers may be grouped and raised to powers") {
  CHECK(*parse_whole_number("0") == 0);
  CHECK(*parse_whole_number("1500") == 1500);
  CHECK(*parse_whole_number("1_000_000") == 1'000'000);
  CHECK(*parse_whole_number("10^9") == 1'000'000'000);
  CHECK(*parse_whole_number("1e9") == 1'000'000'000);
  CHECK(*parse_whole_number("25E2") == 2500);
  CHECK(*parse_whole_number("2^0") == 1);
  CHECK(*parse_whole_number("0^5") == 0);
  CHECK(*parse_whole_number("18446744073709551615") == ~std::uint64_t{0});
}

TEST_CASE("what is no whole number is refused by what it is") {
  for (std::string text : {"", " ", "-1", "+1", "1.5", "x", "1 2", "_1", "1_",
                           "1__0", "e9", "1e", "1e1e1", "^", "0x10"}) {
    CAPTURE(text);
    CHECK(parse_whole_number(text).error().code == errc::malformed);
  }
  for (std::string text : {"18446744073709551616", "10^20", "2^64", "1e20",
                           "1e99999999999999999999"}) {
    CAPTURE(text);
    CHECK(parse_whole_number(text).error().code == errc::out_of_range);
  }
}

TEST_CASE("sizes have decimal and binary units in any case") {
  CHECK(*parse_bytes("1500") == 1500);
  CHECK(*parse_bytes("256MiB") == 256u << 20);
  CHECK(*parse_bytes("64 KB") == 64'000);
  CHECK(*parse_bytes("1gib") == 1u << 30);
  CHECK(*parse_bytes("2TB") == 2'000'000'000'000u);
  CHECK(*parse_bytes("7 B") == 7);
  for (std::string text :
       {"", "MiB", "1.5GiB", "12 parsecs", "-1KB", "1K", "1 2MB"}) {
    CAPTURE(text);
    CHECK(parse_bytes(text).error().code == errc::malformed);
  }
  CHECK(parse_bytes("99999999999TiB").error().code == errc::out_of_range);
}

TEST_CASE("times are sums of units, the largest first") {
  CHECK(*parse_duration("10s") == milliseconds{10'000});
  CHECK(*parse_duration("500ms") == milliseconds{500});
  CHECK(*parse_duration("2m") == milliseconds{120'000});
  CHECK(*parse_duration("2 min") == milliseconds{120'000});
  CHECK(*parse_duration("1h30m") == milliseconds{5'400'000});
  CHECK(*parse_duration("1h 30m") == milliseconds{5'400'000});
  CHECK(*parse_duration("0.5s") == milliseconds{500});
  CHECK(*parse_duration("1.5h") == milliseconds{5'400'000});
  CHECK(*parse_duration("0s") == milliseconds{0});
  CHECK(*parse_duration("10000d") == milliseconds{864'000'000'000});
}

TEST_CASE("times without a unit, out of order or of a split millisecond are "
          "refused") {
  for (std::string text : {"", "10", "s", "-1s", "1x", "30m1h", "1s1s", "0.5ms",
                           "0.0001s", "1..5s", "1.s", ".5s", "1e3s", "1h30"}) {
    CAPTURE(text);
    CHECK(parse_duration(text).error().code == errc::malformed);
  }
  for (std::string text : {"10001d", "99999999999999999999s", "240000h1ms"}) {
    CAPTURE(text);
    CHECK(parse_duration(text).error().code == errc::out_of_range);
  }
}

TEST_CASE("what is written as a size or time is read as the same") {
  auto random = random_generator::from_number(1);
  for (int i = 0; i < 10'000; ++i) {
    auto count = random.next() >> random.below(64);
    CHECK(*parse_bytes(bytes_text(count)) == count);
    milliseconds time{static_cast<std::int64_t>(random.below(864'000'000'000))};
    CHECK(*parse_duration(time_text(time)) == time);
  }
  CHECK(bytes_text(256u << 20) == "256MiB");
  CHECK(bytes_text(1500) == "1500");
  CHECK(time_text(milliseconds{10'000}) == "10s");
  CHECK(time_text(milliseconds{0}) == "0ms");
}

TEST_CASE("a range has two ends, each written like any number") {
  CHECK(*parse_range("1..1000") == number_range{1, 1000});
  CHECK(*parse_range("1 .. 10^9") == number_range{1, 1'000'000'000});
  CHECK(*parse_range("1_000..1e6") == number_range{1'000, 1'000'000});
  // Which end is larger is for validation to say.
  CHECK(*parse_range("10..1") == number_range{10, 1});
  for (std::string text : {"", "1", "1-100", "..", "1..", "..5", "a..b",
                           "1...5", "1..5..9", "-5..5"}) {
    CAPTURE(text);
    CHECK(parse_range(text).error().code == errc::malformed);
  }
  auto large = parse_range("1..99999999999999999999");
  CHECK(large.error().code == errc::out_of_range);
  CHECK(large.error().message.find("9223372036854775807") != std::string::npos);
}

TEST_CASE("no text whatever makes a parser read beyond it") {
  auto random = random_generator::from_number(7);
  constexpr std::string_view letters = "0123456789_.^eEkKmMiIbBsShd -\n";
  int sound = 0;
  for (int i = 0; i < 20'000; ++i) {
    std::string text;
    for (auto left = random.below(10); left > 0; --left)
      text += letters[random.below(letters.size())];
    if (auto parsed = parse_duration(text)) {
      ++sound;
      CHECK(parsed->count() >= 0);
      CHECK(parsed->count() <= 864'000'000'000);
    }
    if (auto parsed = parse_bytes(text)) {
      ++sound;
      CHECK(*parse_bytes(bytes_text(*parsed)) == *parsed);
    }
    if (auto parsed = parse_range(text))
      CHECK(text.find("..") != std::string::npos);
  }
  CHECK(sound > 0);
}
