#include "protocol/reputation/reputation_level.hpp"

#include <doctest/doctest.h>

using namespace artel;

TEST_CASE("levels are fifths of the score, their lower end included") {
  CHECK(level_of({0}) == reputation_level::terrible);
  CHECK(level_of({199'999}) == reputation_level::terrible);
  CHECK(level_of({200'000}) == reputation_level::poor);
  CHECK(level_of({399'999}) == reputation_level::poor);
  CHECK(level_of({400'000}) == reputation_level::average);
  CHECK(level_of({599'999}) == reputation_level::average);
  CHECK(level_of({600'000}) == reputation_level::good);
  CHECK(level_of({799'999}) == reputation_level::good);
  CHECK(level_of({800'000}) == reputation_level::excellent);
  CHECK(level_of({1'000'000}) == reputation_level::excellent);
}

TEST_CASE("each level has its name") {
  CHECK(to_string(reputation_level::terrible) == "terrible");
  CHECK(to_string(reputation_level::poor) == "poor");
  CHECK(to_string(reputation_level::average) == "average");
  CHECK(to_string(reputation_level::good) == "good");
  CHECK(to_string(reputation_level::excellent) == "excellent");
}
