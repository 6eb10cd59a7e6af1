#include "protocol/task/decimal.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <cstdint>
#include <string>

using namespace artel;

namespace {

/// Reads and prints again.
std::string shortest(std::string_view text) {
  auto number = parse_decimal(text);
  return number ? to_string(*number) : number.error().message;
}

constexpr std::string_view largest = "170141183460469231731687303715.884105727";
constexpr std::string_view smallest =
  "-170141183460469231731687303715.884105728";

} // namespace

TEST_CASE("Numbers are read exactly and printed in their shortest form") {
  CHECK(shortest("42") == "42");
  CHECK(shortest("-5") == "-5");
  CHECK(shortest("0") == "0");
  CHECK(shortest("-0") == "0");
  CHECK(shortest("-0.0") == "0");
  CHECK(shortest("007") == "7");
  CHECK(shortest("3.250") == "3.25");
  CHECK(shortest("-0.000000001") == "-0.000000001");
  CHECK(shortest("18446744073709551616") == "18446744073709551616");
  CHECK(shortest(" \t\r\n-1.5\n\n\v\f ") == "-1.5");
}

TEST_CASE("What is not a number is refused with what was given") {
  for (std::string text :
       {"abc", "+5", "--5", "-", ".5", "5.", "1e3", "1 2", "1,5", "0x10",
        "1.2.3", "nan", "inf", "5-", "- 5", "1.-5", "\xd9\xa1"}) {
    CAPTURE(text);
    auto refused = parse_decimal(text);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().code == errc::invalid_argument);
  }
  CHECK(parse_decimal("ab\nc").error().message
        == "'ab\\nc' is not a number; expected one like 42 or -3.25");
  CHECK(parse_decimal("").error().message
        == "nothing where a number was expected");
  CHECK(parse_decimal(" \n").error().message
        == "nothing where a number was expected");
  CHECK(parse_decimal("0.1234567890").error().message
        == "'0.1234567890' has 10 decimals; expected 9 at most");
  CHECK(parse_decimal(std::string_view{"1\0", 2}).ok() == false);
}

TEST_CASE("128 bits of billionths are the bounds of numbers and sums") {
  auto high = parse_decimal(largest);
  auto low = parse_decimal(smallest);
  REQUIRE(high.ok());
  REQUIRE(low.ok());
  CHECK(to_string(*high) == largest);
  CHECK(to_string(*low) == smallest);
  CHECK(parse_decimal("170141183460469231731687303715.884105728").error().code
        == errc::overflow);
  CHECK(parse_decimal("-170141183460469231731687303715.884105729").error().code
        == errc::overflow);
  CHECK(parse_decimal(std::string(100'000, '9')).error().code
        == errc::overflow);
  CHECK(parse_decimal(std::string(100'000, '0') + "1").ok());
  CHECK(add(*high, decimal{1}).error().code == errc::overflow);
  CHECK(add(*low, decimal{-1}).error().code == errc::overflow);
  auto both = add(*high, *low);
  REQUIRE(both.ok());
  CHECK(to_string(*both) == "-0.000000001");
}

TEST_CASE("Any number survives being printed and read") {
  for (std::uint64_t seed = 0; seed < 5000; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    auto high = static_cast<std::int64_t>(random.next());
    decimal number{int128{high} * (int128{1} << 62)};
    number.billionths += static_cast<std::int64_t>(random.next());
    number.billionths >>= random.below(127);
    auto back = parse_decimal(to_string(number));
    REQUIRE(back.ok());
    REQUIRE((*back == number));
  }
}
