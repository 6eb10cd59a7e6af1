#include "protocol/task/task_terms.hpp"

#include "protocol/identity/hash.hpp"
#include "tests/protocol/wire/fill.hpp"

#include <doctest/doctest.h>

#include <set>

using namespace artel;

TEST_CASE("code is called by its bundle's hash, or by its kernel's name") {
  code_ref code;
  code.bundle.value.fill(7);
  CHECK(hash_of(code) == code.bundle);
  code_ref kernel;
  kernel.kernel = "sum";
  CHECK(to_string(hash_of(kernel))
        == "ab0b70fa8017a0804b96a33a75ebedf34b1909f31a9fabbd15e678c2bd90dfed");
}

TEST_CASE("the hash of terms covers every field") {
  auto terms = testing::counted<task_terms>();
  std::set<hash256> hashes{hash_of(terms)};
  std::size_t fields = 0;
  wire::for_each_field(terms, [&](std::string_view name, auto& member) {
    ++fields;
    auto before = member;
    testing::counted_values values;
    for (int tries = 0; tries < 2 && member == before; ++tries)
      testing::fill(values, member, {name, 9, 9});
    REQUIRE(member != before);
    CHECK(hashes.insert(hash_of(terms)).second);
    member = before;
  });
  CHECK(hashes.size() == fields + 1);
}
