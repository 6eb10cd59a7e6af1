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
  check_names<input_kind>("unknown");
  check_names<traffic_class>("unknown");
  check_names<admission_rule>("unknown");
  check_names<certificate_scope>("unknown");
}
