#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <array>
#include <limits>
#include <vector>

using namespace artel;

namespace {

bytes stream(random_generator& random, std::size_t size) {
  bytes data(size);
  random.fill(data);
  return data;
}

} // namespace

TEST_CASE("the stream is ChaCha20 with a nonce that counts blocks") {
  // openssl enc -chacha20 -K 2a00... -iv <counter 0><nonce 0, then 1>
  auto random = random_generator::from_number(42);
  auto data = stream(random, 1024);
  CHECK(to_hex(bytes_view{data}.first(24))
        == "1f76e526510ae36a625c8b5c597febb416042cce3db589b3");
  CHECK(to_hex(bytes_view{data}.subspan(512, 24))
        == "cd92b510392cf7a31b81acdb2518ee9efb2e566ceebb15fa");
}

TEST_CASE("the same seed gives the same numbers, another gives others") {
  auto one = random_generator::from_number(7);
  auto same = random_generator::from_number(7);
  auto other = random_generator::from_number(8);
  auto data = stream(one, 2000);
  CHECK(stream(same, 2000) == data);
  CHECK(stream(other, 2000) != data);
}

TEST_CASE("the stream does not depend on the pieces it is taken in") {
  auto whole = random_generator::from_number(1);
  auto pieces = random_generator::from_number(1);
  auto sizes = random_generator::from_number(2);
  auto expected = stream(whole, 20'000);
  bytes found;
  while (found.size() < expected.size()) {
    auto piece =
      stream(pieces, std::min<std::size_t>(sizes.below(700),
                                           expected.size() - found.size()));
    found.insert(found.end(), piece.begin(), piece.end());
  }
  CHECK(found == expected);
}

TEST_CASE("numbers are the stream's bytes, least significant first") {
  auto random = random_generator::from_number(42);
  CHECK(random.next() == 0x6ae30a5126e5761fu);
}

TEST_CASE("a bounded number stays below its bound and meets every value") {
  auto random = random_generator::from_number(3);
  CHECK(random.below(0) == 0);
  CHECK(random.below(1) == 0);
  std::array<int, 6> counts{};
  for (int i = 0; i < 60'000; ++i) {
    auto value = random.below(6);
    REQUIRE(value < 6);
    ++counts[value];
  }
  for (auto count : counts) {
    // Six standard deviations of 60,000 throws of a die.
    CHECK(count > 10'000 - 548);
    CHECK(count < 10'000 + 548);
  }
}

TEST_CASE("a bound that does not divide 2^64 brings no bias") {
  // By modulo alone, the first third would get half of all.
  auto random = random_generator::from_number(4);
  constexpr auto bound = std::uint64_t{3} << 62;
  int lower = 0;
  for (int i = 0; i < 10'000; ++i) {
    auto value = random.below(bound);
    REQUIRE(value < bound);
    lower += value < bound / 3 ? 1 : 0;
  }
  CHECK(lower > 3333 - 283);
  CHECK(lower < 3333 + 283);
  constexpr auto largest = std::numeric_limits<std::uint64_t>::max();
  for (int i = 0; i < 100; ++i)
    REQUIRE(random.below(largest) < largest);
}

TEST_CASE("a chance is met as often as it says") {
  auto random = random_generator::from_number(5);
  int met = 0;
  for (int i = 0; i < 40'000; ++i) {
    REQUIRE_FALSE(random.chance(0));
    REQUIRE(random.chance(1'000'000));
    met += random.chance(250'000) ? 1 : 0;
  }
  CHECK(met > 10'000 - 520);
  CHECK(met < 10'000 + 520);
}

TEST_CASE("a fork goes its own way and repeats with its parent's seed") {
  auto parent = random_generator::from_number(6);
  auto twin = random_generator::from_number(6);
  auto child = parent.fork();
  auto twin_child = twin.fork();
  auto data = stream(child, 100);
  CHECK(stream(twin_child, 100) == data);
  CHECK(stream(parent, 100) != data);
}
