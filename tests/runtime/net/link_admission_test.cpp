#include "runtime/net/link_admission.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <vector>

using namespace artel;
using namespace artel::runtime;

namespace {

using verdict = link_admission::verdict;
using permit_ptr = std::unique_ptr<link_admission::permit>;

address_key address(std::uint8_t number) {
  address_key key{};
  key[0] = number;
  return key;
}

/// Null where it is not admitted.
permit_ptr admit(const std::shared_ptr<link_admission>& door,
                 std::uint8_t number) {
  if (door->admit(address(number)) != verdict::admitted)
    return nullptr;
  return std::make_unique<link_admission::permit>(door, address(number));
}

} // namespace

TEST_CASE("an address has so many places, links or not, and no more") {
  auto door = std::make_shared<link_admission>(100, 3);
  std::vector<permit_ptr> taken;
  for (int n = 0; n < 3; ++n)
    taken.push_back(admit(door, 1));
  CHECK(taken[0]->promote());
  CHECK(door->admit(address(1)) == verdict::address_full);
  CHECK(door->waiting() == 2);
  // Others have their own.
  auto other = admit(door, 2);
  REQUIRE(other);
  taken.erase(taken.begin());
  auto again = admit(door, 1);
  CHECK(again);
  CHECK(door->admit(address(1)) == verdict::address_full);
}

TEST_CASE("links are counted when they are links, whoever waits") {
  auto door = std::make_shared<link_admission>(2, 10);
  std::vector<permit_ptr> waiting;
  for (std::uint8_t n = 0; n < 5; ++n)
    waiting.push_back(admit(door, n));
  REQUIRE(waiting.back());
  CHECK(door->waiting() == 5);
  CHECK(waiting[0]->promote());
  // Said twice, it is still one.
  CHECK(waiting[0]->promote());
  CHECK(waiting[1]->promote());
  CHECK(door->waiting() == 3);
  CHECK_FALSE(waiting[2]->promote());
  CHECK(door->admit(address(9)) == verdict::full);
  waiting[0] = nullptr;
  CHECK(waiting[2]->promote());
  CHECK_FALSE(waiting[3]->promote());
  waiting.clear();
  CHECK(door->waiting() == 0);
  CHECK(admit(door, 9));
}
