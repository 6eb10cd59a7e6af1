#include "protocol/task/task_spec.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace artel;

namespace {

/// to_string and the parser agree on each of `count` values from 1.
template <class Enum, class Parser>
void check_names(int count, Parser parse) {
  for (int i = 1; i <= count; ++i) {
    auto value = static_cast<Enum>(i);
    CAPTURE(to_string(value));
    auto parsed = parse(to_string(value));
    REQUIRE(parsed.ok());
    CHECK(*parsed == value);
  }
  CHECK(to_string(static_cast<Enum>(count + 1)) == "unknown");
  CHECK_FALSE(parse("unknown").ok());
}

} // namespace

TEST_CASE("Every name of a task's enumerations parses back to its value") {
  check_names<task_type>(4, parse_task_type);
  check_names<reduce_operation>(8, parse_reduce_operation);
  check_names<urgency_level>(4, parse_urgency);
  check_names<placement_strategy>(4, parse_strategy);
}

TEST_CASE("An unknown name is told with the closest and all possible names") {
  auto mistyped = parse_task_type("range-reduec");
  REQUIRE_FALSE(mistyped.ok());
  CHECK(mistyped.error().code == errc::invalid_argument);
  CHECK(mistyped.error().message
        == "'range-reduec' is not a task type; did you mean 'range_reduce'?"
           "; possible are range_reduce, map, map_reduce, run");
  CHECK(parse_reduce_operation("concat").error().message
        == "'concat' is not a reduce operation; did you mean 'concatenate'?"
           "; possible are none, sum, min, max, count, concatenate,"
           " merge_counts, program");
  CHECK(parse_urgency("HIGH").error().message
        == "'HIGH' is not an urgency; did you mean 'high'?"
           "; possible are low, normal, high, critical");
  CHECK(parse_strategy("cheapets").error().message.find("mean 'cheapest'")
        != std::string::npos);
}

TEST_CASE("A name that is close to none brings no suggestion") {
  for (std::string text : {"", "zzz", "x", "\x01\xff", "frobnicate"}) {
    CAPTURE(text);
    auto refused = parse_task_type(text);
    REQUIRE_FALSE(refused.ok());
    CHECK(refused.error().message.find("did you mean") == std::string::npos);
    CHECK(refused.error().message.find("possible are range_reduce")
          != std::string::npos);
  }
  auto endless = parse_task_type(std::string(1'000'000, 'm'));
  REQUIRE_FALSE(endless.ok());
  CHECK(endless.error().message.size() < 200);
}
