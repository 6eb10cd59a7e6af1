#include "protocol/core/units.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <initializer_list>
#include <limits>
#include <utility>

using namespace artel;

namespace {

constexpr auto largest = std::numeric_limits<std::int64_t>::max();
constexpr auto least = std::numeric_limits<std::int64_t>::min();

template <class T>
errc code_of(const result<T>& outcome) {
  REQUIRE_FALSE(outcome.ok());
  return outcome.error().code;
}

/// Of any width and either sign.
std::int64_t any_number(random_generator& random) {
  auto width = random.below(65);
  auto bits = width == 0 ? 0 : random.next() >> (64 - width);
  return static_cast<std::int64_t>(random.below(2) == 0 ? bits : ~bits);
}

} // namespace

TEST_CASE("sums and products of credits are exact up to 64 bits") {
  CHECK(add(credits{largest - 1}, credits{1}).value() == credits{largest});
  CHECK(code_of(add(credits{largest}, credits{1})) == errc::overflow);
  CHECK(add(credits{least}, credits{largest}).value() == credits{-1});
  CHECK(code_of(add(credits{least}, credits{-1})) == errc::overflow);
  CHECK(subtract(credits{least + 1}, credits{1}).value() == credits{least});
  CHECK(code_of(subtract(credits{0}, credits{least})) == errc::overflow);
  CHECK(subtract(credits{-1}, credits{least}).value() == credits{largest});
  CHECK(multiply(credits{largest}, -1).value() == credits{-largest});
  CHECK(code_of(multiply(credits{least}, -1)) == errc::overflow);
  CHECK(multiply(credits{3'037'000'499}, 3'037'000'499).value()
        == credits{9'223'372'030'926'249'001});
  CHECK(code_of(multiply(credits{3'037'000'500}, 3'037'000'500))
        == errc::overflow);
}

TEST_CASE("credits arithmetic agrees with the compiler's checked arithmetic") {
  auto random = random_generator::from_number(1);
  for (int i = 0; i < 20'000; ++i) {
    auto a = any_number(random);
    auto b = any_number(random);
    auto check = [](const result<credits>& found, bool wraps, auto expected) {
      REQUIRE(found.ok() == !wraps);
      if (wraps)
        REQUIRE(found.error().code == errc::overflow);
      else
        REQUIRE(found->micro == expected);
    };
    std::int64_t expected;
    auto wraps = __builtin_add_overflow(a, b, &expected);
    check(add(credits{a}, credits{b}), wraps, expected);
    wraps = __builtin_sub_overflow(a, b, &expected);
    check(subtract(credits{a}, credits{b}), wraps, expected);
    wraps = __builtin_mul_overflow(a, b, &expected);
    check(multiply(credits{a}, b), wraps, expected);
  }
}

TEST_CASE("amounts of credits are read from decimal text") {
  for (const auto& [text, micro] :
       std::initializer_list<std::pair<const char*, std::int64_t>>{
         {"0", 0},
         {"100", 100'000'000},
         {"12.5", 12'500'000},
         {"0.000001", 1},
         {".5", 500'000},
         {"0000.100000", 100'000},
         {"9223372036854.775807", largest}}) {
    CAPTURE(text);
    auto amount = parse_credits(text);
    REQUIRE(amount.ok());
    CHECK(amount->micro == micro);
  }
}

TEST_CASE("text that is no amount of credits is refused") {
  for (const auto* text : {"", ".", "1.", "1.0000001", "-1", "+1", "1e3", "1,5",
                           " 1", "1 ", "1.2.3", "0x10", "nan"}) {
    CAPTURE(text);
    CHECK(code_of(parse_credits(text)) == errc::malformed);
  }
  for (const auto* text : {"9223372036854.775808", "9223372036855",
                           "99999999999999999999999999999999999999999999"}) {
    CAPTURE(text);
    CHECK(code_of(parse_credits(text)) == errc::overflow);
  }
}

TEST_CASE("credits are shown in their shortest exact form") {
  for (const auto& [micro, text] :
       std::initializer_list<std::pair<std::int64_t, const char*>>{
         {0, "0"},
         {100'000'000, "100"},
         {12'500'000, "12.5"},
         {1, "0.000001"},
         {-1, "-0.000001"},
         {-1'500'000, "-1.5"},
         {largest, "9223372036854.775807"},
         {least, "-9223372036854.775808"}})
    CHECK(to_string(credits{micro}) == text);
}

TEST_CASE("an amount that is shown is read back the same") {
  auto random = random_generator::from_number(2);
  for (int i = 0; i < 20'000; ++i) {
    auto micro = any_number(random);
    if (micro < 0)
      micro = ~micro;
    auto read = parse_credits(to_string(credits{micro}));
    REQUIRE(read.ok());
    REQUIRE(read->micro == micro);
  }
}

TEST_CASE("a quotient is rounded half away from zero") {
  CHECK(multiply_divide(5, 1, 2).value() == 3);
  CHECK(multiply_divide(-5, 1, 2).value() == -3);
  CHECK(multiply_divide(4, 1, 3).value() == 1);
  CHECK(multiply_divide(5, 1, 3).value() == 2);
  CHECK(multiply_divide(-4, 1, 3).value() == -1);
  CHECK(multiply_divide(-5, 1, 3).value() == -2);
  CHECK(multiply_divide(7, 0, 9).value() == 0);
}

TEST_CASE("a quotient can be rounded up") {
  CHECK(multiply_divide_up(4, 1, 3).value() == 2);
  CHECK(multiply_divide_up(6, 1, 3).value() == 2);
  CHECK(multiply_divide_up(1, 1, 1'000'000).value() == 1);
  CHECK(multiply_divide_up(0, 5, 3).value() == 0);
  CHECK(multiply_divide_up(-4, 1, 3).value() == -1);
}

TEST_CASE("a product may pass 64 bits where the quotient does not") {
  CHECK(multiply_divide(largest, largest, largest).value() == largest);
  CHECK(multiply_divide(least, 1'000'000, 1'000'000).value() == least);
  CHECK(multiply_divide_up(largest, 2, 2).value() == largest);
  CHECK(code_of(multiply_divide(largest, 2, 1)) == errc::overflow);
  CHECK(code_of(multiply_divide(least, -1, 1)) == errc::overflow);
  CHECK(code_of(multiply_divide_up(largest, 3, 2)) == errc::overflow);
}

TEST_CASE("a rounded quotient is off by half at most, one rounded up by one") {
  auto random = random_generator::from_number(3);
  for (int i = 0; i < 20'000; ++i) {
    // Within 2^31, so that 64 bits hold what is compared.
    auto a = static_cast<std::int64_t>(random.below(1u << 31)) - (1 << 30);
    auto numerator = static_cast<std::int64_t>(random.below(1u << 30));
    auto denominator = static_cast<std::int64_t>(1 + random.below(1u << 30));
    auto nearest = multiply_divide(a, numerator, denominator);
    REQUIRE(nearest.ok());
    auto off = *nearest * denominator - a * numerator;
    REQUIRE(2 * (off < 0 ? -off : off) <= denominator);
    auto up = multiply_divide_up(a, numerator, denominator);
    REQUIRE(up.ok());
    off = *up * denominator - a * numerator;
    REQUIRE(off >= 0);
    REQUIRE(off < denominator);
  }
}
