#include "runtime/config/setting_value.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

TEST_CASE("words become values of the wanted kind, or a reason why not") {
  CHECK(*setting_from_text(setting_kind::boolean, "yes")
        == setting_value{true});
  CHECK(*setting_from_text(setting_kind::boolean, "off")
        == setting_value{false});
  CHECK(*setting_from_text(setting_kind::whole, "1_000")
        == setting_value{std::uint64_t{1'000}});
  CHECK(*setting_from_text(setting_kind::duration, "5s")
        == setting_value{std::string{"5s"}});
  CHECK_FALSE(setting_from_text(setting_kind::boolean, "2"));
  CHECK_FALSE(setting_from_text(setting_kind::boolean, ""));
  CHECK_FALSE(setting_from_text(setting_kind::whole, "-1"));
}

TEST_CASE("a list is cut at commas, and may be empty") {
  auto items = [](std::string_view text) {
    return std::get<std::vector<std::string>>(
      *setting_from_text(setting_kind::list, text));
  };
  CHECK(items("").empty());
  CHECK(items("  ").empty());
  CHECK(items("a") == std::vector<std::string>{"a"});
  CHECK(items(" a , b,c ") == std::vector<std::string>{"a", "b", "c"});
  // An empty item is for the reader to refuse.
  CHECK(items("a,") == std::vector<std::string>{"a", ""});
  std::vector<node_address> target;
  CHECK_FALSE(setting_codec<std::vector<node_address>>::read(
    setting_value{items("a:1,")}, {0, 9}, target));
}

TEST_CASE("bounds belong to the range, and what lies outside says so") {
  std::uint32_t number = 5;
  using codec = setting_codec<std::uint32_t>;
  setting_bounds bounds{10, 20};
  CHECK(codec::read(std::uint64_t{10}, bounds, number));
  CHECK(codec::read(std::uint64_t{20}, bounds, number));
  CHECK(number == 20);
  for (std::uint64_t outside : {9u, 21u}) {
    auto taken = codec::read(outside, bounds, number);
    REQUIRE_FALSE(taken);
    CHECK(taken.error().code == errc::out_of_range);
    CHECK(taken.error().message.find("10 to 20") != std::string::npos);
  }
  CHECK(number == 20);
  // Bounds wider than the type are the type's.
  CHECK_FALSE(
    codec::read(std::uint64_t{1} << 32, {0, ~std::uint64_t{0}}, number));
  milliseconds time{0};
  CHECK_FALSE(
    setting_codec<milliseconds>::read(std::string{"99ms"}, {100, 200}, time));
  std::vector<std::string> list;
  CHECK_FALSE(setting_codec<std::vector<std::string>>::read(
    std::vector<std::string>{"a", "b", "c"}, {0, 2}, list));
}

TEST_CASE("what TOML wants escaped is escaped") {
  CHECK(toml_quoted("a\"b\\c\n\x1f\x7f\xc3\xa4")
        == "\"a\\\"b\\\\c\\u000a\\u001f\\u007f\xc3\xa4\"");
  CHECK(toml_text(std::vector<std::string>{"a", "b"}) == "[\"a\", \"b\"]");
}

TEST_CASE("control characters in a name are refused") {
  std::string name;
  CHECK_FALSE(
    setting_codec<std::string>::read(std::string{"a\x1b[0m"}, {0, 255}, name));
  CHECK(name.empty());
}
