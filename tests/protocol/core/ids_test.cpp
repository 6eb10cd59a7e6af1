#include "protocol/core/ids.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <type_traits>
#include <unordered_set>

using namespace artel;

static_assert(!std::is_convertible_v<node_id, owner_id>,
              "ids of different things don't mix");

TEST_CASE("an id is zero until it is given a value") {
  task_id id;
  CHECK(id.is_zero());
  id.value.back() = 1;
  CHECK_FALSE(id.is_zero());
}

TEST_CASE("ids are ordered as their bytes, so that order is alike everywhere") {
  auto random = random_generator::from_number(1);
  for (int i = 0; i < 1000; ++i) {
    auto a = random.id<hash256>();
    auto b = random.id<hash256>();
    // Some share their first bytes.
    std::copy_n(a.value.begin(), random.below(33), b.value.begin());
    CHECK((a < b) == (to_hex(a.view()) < to_hex(b.view())));
    CHECK((a == b) == (to_hex(a.view()) == to_hex(b.view())));
  }
}

TEST_CASE("attempts are ordered by task, then job, then attempt") {
  task_id first;
  task_id second;
  second.value[0] = 1;
  CHECK(attempt_id{{first, 9}, 9} < attempt_id{{second, 0}, 0});
  CHECK(attempt_id{{first, 1}, 9} < attempt_id{{first, 2}, 0});
  CHECK(attempt_id{{first, 1}, 1} < attempt_id{{first, 1}, 2});
}

TEST_CASE("an id that is shown is read back the same") {
  auto random = random_generator::from_number(2);
  for (int i = 0; i < 200; ++i) {
    auto id = random.id<signature>();
    REQUIRE(parse_id<signature>(to_string(id)).value() == id);
  }
}

TEST_CASE("text of another length is not read as an id") {
  auto text = to_string(task_id{});
  for (const auto& wrong : {text + "00", text.substr(2), std::string{}}) {
    auto id = parse_id<task_id>(wrong);
    REQUIRE_FALSE(id.ok());
    CHECK(id.error()
          == failure{errc::malformed, "expected 32 hexadecimal digits, found "
                                        + std::to_string(wrong.size())});
  }
  text[3] = 'x';
  CHECK_FALSE(parse_id<task_id>(text).ok());
}

TEST_CASE("a short name is the first eight digits") {
  node_id id;
  id.value = {0xde, 0xad, 0xbe, 0xef, 0x77};
  CHECK(short_name(id) == "deadbeef");
}

TEST_CASE("random ids spread over the buckets of a hash table") {
  auto random = random_generator::from_number(3);
  std::unordered_set<std::size_t> hashes;
  for (int i = 0; i < 1000; ++i)
    hashes.insert(std::hash<node_id>{}(random.id<node_id>()));
  CHECK(hashes.size() == 1000);
}
