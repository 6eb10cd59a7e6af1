#include "runtime/config/name_suggestion.hpp"

#include <array>

#include <doctest/doctest.h>

using namespace artel::runtime;

namespace {

constexpr std::array<std::string_view, 5> names{"chunks", "chunk_size", "range",
                                                "max_attempts", "op"};

} // namespace

TEST_CASE("a mistyped name leads to the one that was meant") {
  CHECK(nearest_name("chunk", names) == "chunks");
  CHECK(nearest_name("chunksize", names) == "chunk_size");
  CHECK(nearest_name("chunk-size", names) == "chunk_size");
  CHECK(nearest_name("RANGE", names) == "range");
  CHECK(nearest_name("rnage", names) == "range");
  CHECK(nearest_name("max_atempts", names) == "max_attempts");
  CHECK(nearest_name("max", names) == "max_attempts");
}

TEST_CASE("what is like no name leads to none") {
  CHECK(nearest_name("", names).empty());
  CHECK(nearest_name("zebra", names).empty());
  CHECK(nearest_name("xy", names).empty());
  CHECK(nearest_name(std::string(100'000, 'c'), names).empty());
  CHECK(did_you_mean("zebra", names).empty());
  CHECK(did_you_mean("rnage", names) == "; did you mean 'range'?");
}
