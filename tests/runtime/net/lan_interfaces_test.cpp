#include "runtime/net/lan_interfaces.hpp"

#include <algorithm>

#include <doctest/doctest.h>
#include <net/if.h>

using namespace artel::runtime;

TEST_CASE("loopback, and addresses of a link alone, lead to nobody") {
  auto all = lan_interfaces();
  CHECK(std::none_of(all.begin(), all.end(), [](const lan_interface& one) {
    return one.index == 0 || one.index == ::if_nametoindex("lo");
  }));
  for (const auto& one : all)
    CHECK(std::none_of(one.v6.begin(), one.v6.end(), [](const in6_addr& item) {
      return IN6_IS_ADDR_LINKLOCAL(&item);
    }));
}
