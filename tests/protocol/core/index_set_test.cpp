#include "protocol/core/index_set.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace artel;

TEST_CASE("an index is taken once") {
  index_set set;
  CHECK(set.insert(0));
  CHECK_FALSE(set.insert(0));
  CHECK(set.insert(5));
  CHECK_FALSE(set.insert(5));
  CHECK(set.contains(5));
  CHECK_FALSE(set.contains(4));
  CHECK(set.size() == 2);
}

TEST_CASE("only what came early is stored") {
  index_set set;
  for (std::uint64_t i = 1; i < 100; ++i)
    set.insert(i);
  CHECK(set.stored() == 99);
  set.insert(0);
  CHECK(set.stored() == 0);
  CHECK(set.size() == 100);
  CHECK(set.contains(99));
  CHECK_FALSE(set.contains(100));
}

TEST_CASE("it agrees with a plain set, in any order of insertion") {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    index_set set;
    std::set<std::uint64_t> plain;
    for (int i = 0; i < 500; ++i) {
      auto index = random.below(200);
      CHECK(set.insert(index) == plain.insert(index).second);
      CHECK(set.size() == plain.size());
      CHECK(set.stored() <= plain.size());
      auto asked = random.below(210);
      CHECK(set.contains(asked) == plain.contains(asked));
    }
  }
}
