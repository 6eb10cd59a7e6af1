#include "tools/artel/shell/figure_value.hpp"

#include <limits>

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::tools;

namespace {

figure_value literal(std::string_view text) {
  auto value = parse_number_literal(text);
  INFO(text);
  REQUIRE(value);
  CHECK(value->is_literal);
  return *value;
}

bool equal(const figure_value& a, const figure_value& b) {
  CHECK(unlike_kinds(a, b) == "");
  return compare(a, comparison::equal, b);
}

} // namespace

TEST_CASE("numbers are exact, with six places at most") {
  auto text = [](std::string_view given) {
    auto value = parse_decimal(given);
    return value ? to_string(*value) : value.error().message;
  };
  CHECK(text("12") == "12");
  CHECK(text("-0.40") == "-0.4");
  CHECK(text("0.000001") == "0.000001");
  CHECK(text("18446744073709551615") == "18446744073709551615");
  CHECK(text("1e6") == "1000000");
  CHECK(text("0.0000001").find("six decimal places") != std::string::npos);
  CHECK(text("1.").find("not a number") != std::string::npos);
  CHECK(text("abc").find("not a number") != std::string::npos);
  CHECK(
    decimal::of_micro(std::numeric_limits<std::int64_t>::min()).is_negative);
}

TEST_CASE("numbers are ordered by value, signs included") {
  auto of = [](std::int64_t micro) { return decimal::of_micro(micro); };
  CHECK(of(-2) < of(-1));
  CHECK(of(-1) < of(0));
  CHECK(of(999'999) < of(1'000'000));
  CHECK(decimal{true, 0, 0} == decimal{});
}

TEST_CASE("a literal's unit says its kind") {
  CHECK(literal("12").kind == figure_kind::number);
  CHECK(literal("40%").kind == figure_kind::percent);
  CHECK(to_string(literal("40%")) == "0.4");
  CHECK(to_string(literal("0.5%")) == "0.005");
  CHECK(literal("1h30m").kind == figure_kind::duration);
  CHECK(to_string(literal("1500ms")) == "1.5 s");
  CHECK(to_string(literal("250us")) == "0.00025 s");
  CHECK(to_string(literal("10MB")) == "10000000");
  auto wrong = parse_number_literal("10parsecs");
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().message
        == "'10parsecs' is neither a number nor has it a known unit; expected"
           " such as 12, 0.4, 40%, 2s, 500ms or 10MB");
}

TEST_CASE("numbers as written adapt to shares and credits") {
  CHECK(equal(percent_value(ppm{400'000}), literal("0.4")));
  CHECK(equal(percent_value(ppm{400'000}), literal("40%")));
  CHECK(equal(literal("12.5"), credits_value(microcredits(12'500'000))));
  // A figure that is a number does not.
  CHECK(unlike_kinds(number_value(1), percent_value(ppm{1})) != "");
  CHECK(unlike_kinds(number_value(10), literal("40%")) != "");
}

TEST_CASE("unlike kinds are not compared, and the message says why") {
  CHECK(unlike_kinds(duration_value(microseconds{1}), literal("5"))
        == "cannot compare a duration with a number; expected a duration such"
           " as 2s");
  CHECK(unlike_kinds(truth_value(true), text_value("x"))
        == "cannot compare true or false with a text");
}

TEST_CASE("an output is a number where it reads as one") {
  CHECK(equal(output_value("5761455\n"), literal("5761455")));
  CHECK_FALSE(equal(output_value("abc"), literal("5")));
  CHECK(equal(output_value("abc\n"), text_value("abc")));
  CHECK(compare(output_value("12"), comparison::less, literal("100")));
}

TEST_CASE("what is not there yet equals nothing, and is in no order") {
  auto missing = missing_value(figure_kind::credits);
  CHECK_FALSE(compare(missing, comparison::equal, credits_value({})));
  CHECK_FALSE(compare(missing, comparison::less_or_equal, credits_value({})));
  CHECK(compare(missing, comparison::unequal, credits_value({})));
  CHECK(to_string(missing) == "not there yet");
}

TEST_CASE("values read as people write them") {
  CHECK(to_string(credits_value(microcredits(12'500'000))) == "12.5 credits");
  CHECK(to_string(truth_value(false)) == "false");
  CHECK(to_string(text_value("")) == "empty");
  CHECK(span_text(microseconds{12'500'000}) == "12.5 s");
}
