#include "runtime/observe/line_limiter.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

namespace {

instant at_ms(std::int64_t count) {
  return instant{milliseconds{count}};
}

constexpr auto info = log_level::info;

} // namespace

TEST_CASE("lines of one kind pass up to their limit in a window") {
  line_limiter limiter{{.per_kind = 3, .per_level = 100}};
  for (auto i = 0; i < 3; ++i)
    CHECK(limiter.admit(at_ms(i), info, "a link is down"));
  CHECK_FALSE(limiter.admit(at_ms(999), info, "a link is down"));
  CHECK(limiter.admit(at_ms(999), info, "a link is up"));
  CHECK(limiter.admit(at_ms(1'000), info, "a link is down"));
}

TEST_CASE("what was left out is told once, with its number, when it is over") {
  line_limiter limiter{{.per_kind = 1, .per_level = 100}};
  CHECK(limiter.admit(at_ms(0), info, "peer 1 is slow"));
  for (auto i = 0; i < 50; ++i)
    CHECK_FALSE(limiter.admit(at_ms(i), info,
                              "peer " + std::to_string(i + 2) + " is slow"));
  CHECK(limiter.take_left_out(at_ms(999)).empty());
  auto told = limiter.take_left_out(at_ms(1'250));
  REQUIRE(told.size() == 1);
  CHECK(told[0].count == 50);
  CHECK(told[0].sample == "peer 2 is slow");
  CHECK(told[0].level == info);
  CHECK(limiter.take_left_out(at_ms(9'000)).empty());
  CHECK(limiter.take_all_left_out().empty());
}

TEST_CASE("numbers, ids and what stands in quotes make no kind of their own") {
  CHECK(kind_of_line("the link to 5f3c is down")
        == kind_of_line("the link to 99 is down"));
  CHECK(kind_of_line("node 'a' failed") == kind_of_line("node 'b' failed"));
  CHECK(kind_of_line("a link is up") != kind_of_line("a link is down"));
  CHECK(kind_of_line(std::string(1'000'000, 'x')).size() <= 80);
  CHECK(kind_of_line("") == kind_of_line(""));
}

TEST_CASE("levels are apart: a flood of one leaves room for another") {
  line_limiter limiter{{.per_kind = 5, .per_level = 10}};
  std::size_t written = 0;
  for (auto i = 0; i < 1'000; ++i) {
    std::string word(1 + i % 50, 'x');
    written += limiter.admit(at_ms(0), log_level::debug, word);
  }
  CHECK(written == 10);
  CHECK(limiter.admit(at_ms(0), log_level::error, "the disk is full"));
}

TEST_CASE("a level is the same again after its window") {
  line_limiter limiter{{.per_kind = 10, .per_level = 1}};
  CHECK(limiter.admit(at_ms(0), info, "a"));
  CHECK_FALSE(limiter.admit(at_ms(1), info, "b"));
  CHECK(limiter.admit(at_ms(1'000), info, "b"));
}

TEST_CASE("no number of kinds takes more memory or more lines than bounded") {
  line_limiter limiter{
    {.per_kind = 2, .per_level = 1'000'000, .kinds_max = 16}};
  std::uint64_t written = 0;
  constexpr std::uint64_t lines = 5'000;
  for (std::uint64_t i = 0; i < lines; ++i) {
    // Words without digits, all different.
    std::string word = "w";
    for (auto rest = i; rest > 0; rest /= 20)
      word += static_cast<char>('a' + rest % 20);
    written += limiter.admit(at_ms(0), info, word);
  }
  // Two of each kind that is told apart, and two of all others.
  CHECK(written == 16 + 2);
  std::uint64_t left_out = 0;
  auto told = limiter.take_left_out(at_ms(2'000));
  CHECK(told.size() <= 10);
  for (const auto& one : told)
    left_out += one.count;
  CHECK(written + left_out == lines);
  // There is room for new kinds again.
  CHECK(limiter.admit(at_ms(3'000), info, "something new"));
  CHECK(limiter.admit(at_ms(3'000), info, "something new"));
}
