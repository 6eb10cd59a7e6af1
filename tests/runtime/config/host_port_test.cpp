#include "runtime/config/host_port.hpp"

#include <doctest/doctest.h>

using namespace artel;
using namespace artel::runtime;

TEST_CASE("addresses with a port are read, and written as they were") {
  for (std::string text :
       {"10.0.0.1:7447", "[2001:db8::1]:7447", "[::]:1", "seed.example:65535",
        "a-1.b_2:7447", "localhost:80"}) {
    CAPTURE(text);
    auto parsed = parse_host_port(text);
    REQUIRE(parsed);
    CHECK(to_string(*parsed) == text);
  }
  CHECK(parse_host_port("[::1]:7447")->host == "::1");
}

TEST_CASE("port 0 is for those who listen") {
  CHECK(parse_host_port("0.0.0.0:0", port_zero::any_free)->port == 0);
  auto refused = parse_host_port("0.0.0.0:0");
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::out_of_range);
}

TEST_CASE("what is no address is refused with what was expected") {
  for (std::string text : {"",
                           ":",
                           "host",
                           "host:",
                           ":7447",
                           "host:0x1",
                           "host:-1",
                           "host: 1",
                           "host:+1",
                           "::1:7447",
                           "2001:db8::1:7447",
                           "[::1]",
                           "[::1]7447",
                           "[10.0.0.1]:7447",
                           "[seed]:7447",
                           "[]:1",
                           "300.1.1.1:7447",
                           "1.2.3:4",
                           "-a:1",
                           "a-:1",
                           "a..b:1",
                           "a b:1",
                           ".:1",
                           "a/b:1"}) {
    CAPTURE(text);
    auto parsed = parse_host_port(text);
    REQUIRE_FALSE(parsed);
    CHECK(parsed.error().code == errc::malformed);
    CHECK(parsed.error().message.find("7447") != std::string::npos);
  }
  CHECK(parse_host_port("host:65536").error().code == errc::out_of_range);
  CHECK(parse_host_port("host:99999999999999999999").error().code
        == errc::out_of_range);
  CHECK_FALSE(parse_host_port(std::string(64, 'a') + ":1"));
  CHECK_FALSE(parse_host_port(std::string("10.0.0.1\0x:1", 12)));
}

TEST_CASE("a block of addresses begins with its first") {
  for (std::string text : {"10.0.0.0/8", "0.0.0.0/0", "192.168.1.7/32",
                           "2001:db8::/32", "::1/128", "fe80::/10"})
    CHECK(check_address_block(text));
  for (std::string text : {"10.0.0.1/8", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0",
                           "10.0.0.0/-1", "::/129", "name/8", "fe81::/8", ""})
    CHECK_FALSE(check_address_block(text));
}
