#include "runtime/config/utf8_text.hpp"

#include <string>

#include <doctest/doctest.h>

using namespace artel::runtime;
using namespace std::string_view_literals;

TEST_CASE("text of every length of character is UTF-8") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain\n\0text"sv));
  CHECK(is_utf8("\xc3\xa9 \xe2\x82\xac \xf0\x9f\x98\x80"));
  CHECK(is_utf8("\xef\xbf\xbf \xf4\x8f\xbf\xbf \xed\x9f\xbf \xee\x80\x80"));
}

TEST_CASE("overlong forms, surrogates and broken characters are not UTF-8") {
  for (auto text : {"\x80"sv, "\xc3"sv, "\xc0\xaf"sv, "\xc1\xbf"sv,
                    "\xe0\x9f\xbf"sv, "\xed\xa0\x80"sv, "\xf0\x8f\xbf\xbf"sv,
                    "\xf4\x90\x80\x80"sv, "\xf5\x80\x80\x80"sv, "\xff"sv,
                    "\xe2\x82"sv, "\xe2\x28\xa1"sv, "a\xc3z"sv}) {
    CAPTURE(text.size());
    CHECK_FALSE(is_utf8(text));
  }
}

TEST_CASE("a prefix does not end within a character") {
  CHECK(utf8_prefix("abc", 3) == "abc");
  CHECK(utf8_prefix("abcd", 3) == "abc");
  CHECK(utf8_prefix("\xe2\x82\xac\xe2\x82\xac", 5) == "\xe2\x82\xac");
  CHECK(utf8_prefix("\xe2\x82\xac", 2).empty());
}
