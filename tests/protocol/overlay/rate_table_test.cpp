#include "protocol/overlay/rate_table.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>

using namespace artel;

namespace {

constexpr instant start{microseconds{5'000'000}};

} // namespace

TEST_CASE("each key has a bucket of its own") {
  rate_table<std::string> table{{1, 2}, 10, start};
  CHECK(table.admits("a", 1, start));
  CHECK(table.admits("a", 1, start));
  CHECK_FALSE(table.admits("a", 1, start));
  CHECK(table.admits("b", 1, start));
  CHECK(table.size() == 2);
}

TEST_CASE("keys without room share one bucket, so that many buy no more") {
  rate_table<int> table{{1, 2}, 3, start};
  for (int key = 0; key < 3; ++key)
    CHECK(table.admits(key, 2, start));
  int admitted = 0;
  for (int key = 3; key < 1000; ++key)
    admitted += table.admits(key, 1, start);
  CHECK(admitted == 2);
  CHECK(table.size() == 3);
}

TEST_CASE("keys that used nothing lately make room; the others stay") {
  rate_table<int> table{{1, 2}, 2, start};
  CHECK(table.admits(1, 1, start));
  CHECK(table.admits(2, 2, start));
  auto later = start + milliseconds{1'000};
  CHECK(table.admits(3, 2, later));
  CHECK(table.size() == 2);
  // One token has come back, not two.
  CHECK(table.admits(2, 1, later));
  CHECK_FALSE(table.admits(2, 1, later));
}

TEST_CASE("however many keys come, memory and each key's share are bounded") {
  auto random = random_generator::from_number(1);
  rate_table<std::uint64_t> table{{5, 5}, 50, start};
  auto now = start;
  std::map<std::uint64_t, std::uint64_t> passed;
  for (int i = 0; i < 20'000; ++i) {
    now += microseconds{random.below(2'000)};
    auto key = random.below(4) == 0 ? random.below(10) : random.below(5'000);
    passed[key] += table.admits(key, 1, now);
    table.check_invariants();
  }
  auto seconds = static_cast<std::uint64_t>((now - start).count()) / 1'000'000;
  for (const auto& [key, count] : passed)
    // Its own and, before it had one, the shared one.
    CHECK(count <= 2 * (5 + 5 * (seconds + 1)));
}
