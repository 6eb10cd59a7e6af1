#include "protocol/core/result.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <set>
#include <string>
#include <string_view>

using namespace artel;

namespace {

result<int> half(int number) {
  if (number % 2 != 0)
    return {errc::invalid_argument, std::to_string(number) + " is odd"};
  return number / 2;
}

result<std::string> half_as_text(int number) {
  auto value = half(number);
  if (!value)
    return value.error();
  return std::to_string(*value);
}

} // namespace

TEST_CASE("a result holds a value or an error") {
  auto good = half(8);
  REQUIRE(good.ok());
  CHECK(static_cast<bool>(good));
  CHECK(*good == 4);
  *good = 5;
  CHECK(good.value() == 5);
  auto bad = half(7);
  CHECK_FALSE(bad.ok());
  CHECK_FALSE(static_cast<bool>(bad));
  CHECK(bad.error() == failure{errc::invalid_argument, "7 is odd"});
}

TEST_CASE("an error passes from one type of result to another") {
  CHECK(half_as_text(6).value() == "3");
  CHECK(half_as_text(5).error() == failure{errc::invalid_argument, "5 is odd"});
}

TEST_CASE("a result hands over what can't be copied") {
  result<std::unique_ptr<int>> outcome{std::make_unique<int>(3)};
  CHECK(**outcome == 3);
  auto owned = *std::move(outcome);
  CHECK(*owned == 3);
}

TEST_CASE("a constant result can be read") {
  result<std::string> text{std::string{"fine"}};
  CHECK(text->size() == 4);
  const auto& constant = text;
  CHECK(*constant == "fine");
}

TEST_CASE("a result without a value is success until it fails") {
  result<void> good;
  CHECK(good.ok());
  result<void> bad{errc::refused, "full"};
  CHECK_FALSE(bad.ok());
  CHECK(bad.error() == failure{errc::refused, "full"});
  result<void> passed_on{bad.error()};
  CHECK(passed_on.error() == bad.error());
}

TEST_CASE("every error has a name of its own, in lower case") {
  std::set<std::string_view> names;
  for (int code = 1; code <= static_cast<int>(errc::revoked); ++code) {
    auto name = to_string(static_cast<errc>(code));
    CHECK(name != "unknown_error");
    CHECK(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz_") == name.npos);
    CHECK(names.insert(name).second);
  }
  CHECK(to_string(errc{}) == "unknown_error");
}
