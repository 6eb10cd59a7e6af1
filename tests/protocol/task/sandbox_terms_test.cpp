#include "protocol/task/sandbox_terms.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace artel;

namespace {

/// Values count from 1, and each name parses back to its value.
template <class Enum, class Parser>
void check_names(int count, Parser parse) {
  for (int i = 1; i <= count; ++i) {
    auto value = static_cast<Enum>(i);
    CAPTURE(to_string(value));
    auto parsed = parse(to_string(value));
    REQUIRE(parsed.ok());
    CHECK(*parsed == value);
  }
  CHECK(to_string(static_cast<Enum>(0)) == "unknown");
  CHECK(to_string(static_cast<Enum>(count + 1)) == "unknown");
  CHECK_FALSE(parse("unknown").ok());
  CHECK_FALSE(parse("").ok());
}

} // namespace

TEST_CASE("every sandbox, tier and treatment of NaNs has a name") {
  check_names<sandbox_kind>(3, parse_sandbox_kind);
  check_names<wasm_tier>(3, parse_wasm_tier);
  check_names<nan_policy>(2, parse_nan_policy);
}

TEST_CASE("an unknown sandbox is told with those that there are") {
  CHECK(parse_sandbox_kind("docker").error()
        == failure{errc::invalid_argument,
                   "'docker' is not a sandbox; possible are process, wasm,"
                   " container"});
  CHECK(parse_sandbox_kind("contaner").error().message
        == "'contaner' is not a sandbox; did you mean 'container'?; possible"
           " are process, wasm, container");
  CHECK(parse_wasm_tier("automatic")
          .error()
          .message.ends_with("possible are auto, interpreted, compiled"));
  CHECK(parse_nan_policy("as-is").error().message
        == "'as-is' is not a treatment of NaNs; did you mean 'as_is'?; possible"
           " are canonical, as_is");
}

TEST_CASE("code runs as a process unless something else is said") {
  sandbox_terms terms;
  CHECK(terms.kind == sandbox_kind::process);
  CHECK(terms.tier == wasm_tier::automatic);
  CHECK(terms.nan == nan_policy::canonical);
}
