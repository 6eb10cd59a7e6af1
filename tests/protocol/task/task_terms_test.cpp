#include "protocol/task/task_terms.hpp"

#include "protocol/identity/hash.hpp"
#include "tests/protocol/wire/fill.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>
#include <utility>
#include <vector>

using namespace artel;

namespace {

code_ref kernel(std::string name, std::vector<std::string> arguments = {}) {
  code_ref code;
  code.kernel = std::move(name);
  code.kernel_arguments = std::move(arguments);
  return code;
}

} // namespace

TEST_CASE("code is called by its bundle's hash, or by its kernel's name") {
  code_ref code;
  code.bundle.value.fill(7);
  CHECK(hash_of(code) == code.bundle);
  CHECK(to_string(hash_of(kernel("sum")))
        == "c243576dbe7387271d786b4743157398ba0f5e193a2ad4babafe710f8e3a72fb");
}

TEST_CASE("a kernel's arguments are part of what it is called") {
  const code_ref all[] = {
    kernel("sum"),         kernel("sum", {""}),       kernel("sum", {"", ""}),
    kernel("sum", {"12"}), kernel("sum", {"1", "2"}), kernel("sum", {"2", "1"}),
    kernel("sum1", {"2"}), kernel("sum12"),
  };
  std::set<hash256> hashes;
  for (const auto& one : all)
    CHECK(hashes.insert(hash_of(one)).second);
  CHECK(hash_of(kernel("sum", {"1", "2"})) == hash_of(all[4]));
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
