#include "runtime/launch/own_address.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

TEST_CASE("a node that listens nowhere has no address") {
  CHECK(advertised_address(std::nullopt, {}).empty());
}

TEST_CASE("the first address that it listens on is the one to dial") {
  CHECK(advertised_address(std::nullopt, {"127.0.0.1:40123", "[::1]:7447"})
        == "127.0.0.1:40123");
}

TEST_CASE("what the settings say comes first") {
  CHECK(
    advertised_address(node_address{"seed.example", 7447}, {"0.0.0.0:40123"})
    == "seed.example:7447");
  CHECK(advertised_address(node_address{"seed.example", 0}, {"0.0.0.0:40123"})
        == "seed.example:40123");
}

TEST_CASE("nobody is told to dial any address of this machine") {
  for (const char* any : {"0.0.0.0:40123", "[::]:40123"}) {
    auto told = advertised_address(std::nullopt, {any});
    auto parsed = parse_address(told);
    REQUIRE(parsed.ok());
    CHECK(parsed->port == 40123);
    CHECK(parsed->host != "0.0.0.0");
    CHECK(parsed->host != "::");
  }
}
