#include "protocol/wire/known_values.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::wire;

namespace {

/// Every number that an enumeration has a name for is known, and no other.
template <class Enum>
void check_names(std::string_view unknown_name) {
  for (int number = 0; number < 256; ++number) {
    auto value = static_cast<Enum>(number);
    CAPTURE(number);
    CHECK(is_known(value) == (to_string(value) != unknown_name));
  }
}

} // namespace

TEST_CASE("the codec knows exactly the enumerators that have names") {
  check_names<errc>("unknown_error");
  check_names<node_role>("unknown");
  check_names<run_outcome>("unknown");
  check_names<urgency_level>("unknown");
  check_names<sandbox_kind>("unknown");
  check_names<wasm_tier>("unknown");
  check_names<nan_policy>("unknown");
}

TEST_CASE("kinds of input and classes of traffic count from one to three") {
  for (int number = 0; number < 256; ++number) {
    auto expected = number >= 1 && number <= 3;
    CHECK(is_known(static_cast<input_kind>(number)) == expected);
    CHECK(is_known(static_cast<traffic_class>(number)) == expected);
  }
}
