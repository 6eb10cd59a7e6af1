#include "protocol/overlay/address.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

using namespace artel;

namespace {

std::string canonical(std::string_view text) {
  auto parsed = parse_address(text);
  return parsed ? to_string(*parsed)
                : std::string{to_string(parsed.error().code)};
}

std::string ip_text(std::string_view text) {
  auto parsed = parse_ip(text);
  return parsed ? to_string(*parsed) : "none";
}

bool is_public_text(std::string_view text) {
  auto parsed = parse_ip(text);
  REQUIRE(parsed.ok());
  return is_public(*parsed);
}

} // namespace

TEST_CASE("an address has one form, however it is written") {
  CHECK(canonical("seed.example:7447") == "seed.example:7447");
  CHECK(canonical("Seed.EXAMPLE.:7447") == "seed.example:7447");
  CHECK(canonical("my_service:1") == "my_service:1");
  CHECK(canonical("10.0.0.1:7447") == "10.0.0.1:7447");
  CHECK(canonical("[2001:DB8:0:0:0:0:0:1]:7447") == "[2001:db8::1]:7447");
  CHECK(canonical("[::ffff:10.0.0.1]:65535") == "10.0.0.1:65535");
  CHECK(canonical("[::]:1") == "[::]:1");
}

TEST_CASE("what is no address is refused") {
  for (const auto* text : {"",
                           ":",
                           ":1",
                           "host",
                           "host:",
                           "host:x",
                           "host:+1",
                           "host:-1",
                           "host: 1",
                           " host:1",
                           "host:1 ",
                           "ho st:1",
                           "-a:1",
                           "a-:1",
                           "a..b:1",
                           ".a:1",
                           ".:1",
                           "10.0.0.256:1",
                           "10.0.0:1",
                           "010.0.0.1:1",
                           "0x7f.1:1",
                           "2130706433:1",
                           "a.1:1",
                           "::1:80",
                           "[::1]",
                           "[::1]80",
                           "[::1:80",
                           "[a]:1",
                           "[10.0.0.1]:1",
                           "[fe80::1%eth0]:1",
                           "[]:1",
                           "a/b:1",
                           "host:01",
                           "https://a:1"})
    CHECK_MESSAGE(
      (canonical(text) == "malformed" || canonical(text) == "out_of_range"),
      text);
  for (const auto* text : {"host:0", "host:65536", "host:99999999999999999999"})
    CHECK(canonical(text) == "out_of_range");
  std::string zero{"host:1"};
  zero[1] = '\0';
  CHECK(canonical(zero) == "malformed");
}

TEST_CASE("port 0 is for those who listen") {
  auto any = parse_address("0.0.0.0:0", port_zero::any_free);
  REQUIRE(any.ok());
  CHECK(any->port == 0);
  CHECK(to_string(*any) == "0.0.0.0:0");
  CHECK(parse_address("0.0.0.0:65536", port_zero::any_free).error().code
        == errc::out_of_range);
}

TEST_CASE("what is no address is told with what was expected") {
  for (const auto* text : {"host", "::1:7447", "10.0.0.1:x"}) {
    CAPTURE(text);
    CHECK(parse_address(text).error().message.find("7447")
          != std::string::npos);
  }
}

TEST_CASE("names are as long as RFC 1123 allows") {
  std::string label(63, 'a');
  CHECK(is_host_name(label));
  CHECK_FALSE(is_host_name(label + "a"));
  auto name = label + "." + label + "." + label + "." + std::string(61, 'a');
  REQUIRE(name.size() == 253);
  CHECK(is_host_name(name));
  CHECK_FALSE(is_host_name(name + "a"));
  CHECK(canonical(name + ":65535").size() == 259);
}

TEST_CASE("IPv6 addresses are read as RFC 4291 and written as RFC 5952 says") {
  CHECK(ip_text("2001:db8:0:0:1:0:0:1") == "2001:db8::1:0:0:1");
  CHECK(ip_text("2001:db8:0:1:1:1:1:1") == "2001:db8:0:1:1:1:1:1");
  CHECK(ip_text("1:2:3:4:5:6:7::") == "1:2:3:4:5:6:7:0");
  CHECK(ip_text("::2:3:4:5:6:7:8") == "0:2:3:4:5:6:7:8");
  CHECK(ip_text("1::") == "1::");
  CHECK(ip_text("::1.2.3.4") == "::102:304");
  CHECK(ip_text("64:ff9b::1.2.3.4") == "64:ff9b::102:304");
  CHECK(ip_text("::ffff:102:304") == "1.2.3.4");
  for (const auto* text : {"",
                           ":",
                           ":::",
                           "1:2",
                           "1:2:3:4:5:6:7",
                           "1:2:3:4:5:6:7:8:9",
                           "1::2::3",
                           ":1::2",
                           "1::2:",
                           "12345::",
                           "g::",
                           "1:2:3:4:5:6:7:8::",
                           "::1.2.3",
                           "1.2.3.4::",
                           "::1.2.3.4:5",
                           "1:2:3:4:5:6:7:1.2.3.4",
                           "1.2.3.4.5",
                           "1..2.3",
                           "1.2.3.",
                           "01.2.3.4",
                           "1.2.3.4 "})
    CHECK_MESSAGE(ip_text(text) == "none", text);
}

TEST_CASE("every address reads as itself again") {
  auto random = random_generator::from_number(1);
  for (int round = 0; round < 5000; ++round) {
    ip_address address;
    if (random.below(4) == 0) {
      address = ip_address::v4(static_cast<std::uint32_t>(random.next()));
    } else {
      random.fill(address.bytes);
      // Many zeros, so that gaps of every place and length come up.
      for (std::size_t i = 0; i < 8; ++i)
        if (random.below(3) != 0)
          address.bytes[2 * i] = address.bytes[2 * i + 1] = 0;
    }
    auto again = parse_ip(to_string(address));
    REQUIRE(again.ok());
    CHECK(*again == address);
  }
}

TEST_CASE("random text is read or refused, and what is read is canonical") {
  constexpr std::string_view alphabet = "0123456789abcfx.:[]-_%/";
  auto random = random_generator::from_number(2);
  int read = 0;
  for (int round = 0; round < 20'000; ++round) {
    std::string text;
    for (auto left = random.below(14); left > 0; --left)
      text += alphabet[random.below(alphabet.size())];
    text += ":" + std::to_string(random.below(70'000));
    auto parsed = parse_address(text);
    if (!parsed)
      continue;
    ++read;
    auto again = parse_address(to_string(*parsed));
    REQUIRE(again.ok());
    CHECK(*again == *parsed);
  }
  CHECK(read > 500);
}

TEST_CASE("special addresses are not public, whatever they are wrapped in") {
  for (const auto* text : {"0.0.0.0",
                           "0.1.2.3",
                           "10.1.2.3",
                           "100.64.0.1",
                           "100.127.255.255",
                           "127.0.0.1",
                           "127.255.255.255",
                           "169.254.169.254",
                           "172.16.0.1",
                           "172.31.255.255",
                           "192.0.0.8",
                           "192.0.2.1",
                           "192.88.99.1",
                           "192.168.0.1",
                           "198.18.0.1",
                           "198.19.255.255",
                           "198.51.100.7",
                           "203.0.113.9",
                           "224.0.0.1",
                           "239.255.255.255",
                           "240.0.0.1",
                           "255.255.255.255",
                           "::",
                           "::1",
                           "::ffff:10.0.0.1",
                           "::ffff:127.0.0.1",
                           "::10.0.0.1",
                           "64:ff9b::8.8.8.8",
                           "100::1",
                           "2001::1",
                           "2001:10::1",
                           "2001:20::1",
                           "2001:1ff:ffff::1",
                           "2001:db8::1",
                           "2002:a00:1::",
                           "3fff::1",
                           "3fff:fff:ffff::1",
                           "fc00::1",
                           "fd12:3456::1",
                           "fe80::1",
                           "fec0::1",
                           "ff02::1",
                           "4000::1"})
    CHECK_MESSAGE(!is_public_text(text), text);
  for (const auto* text :
       {"1.1.1.1",         "8.8.8.8",        "9.255.255.255",
        "11.0.0.0",        "100.63.255.255", "100.128.0.0",
        "126.255.255.255", "128.0.0.0",      "169.253.255.255",
        "172.15.255.255",  "172.32.0.0",     "192.0.1.0",
        "192.167.255.255", "198.17.255.255", "198.20.0.0",
        "223.255.255.255", "::ffff:8.8.8.8", "2001:200::1",
        "2001:4860::8888", "2a00:1450::1",   "2001:db7::1",
        "2001:db9::1",     "2003::1",        "3ffe::1",
        "3fff:1000::1"})
    CHECK_MESSAGE(is_public_text(text), text);
}

TEST_CASE("loopback is 127.0.0.0/8 and ::1") {
  CHECK(is_loopback(*parse_ip("127.0.0.1")));
  CHECK(is_loopback(*parse_ip("127.8.9.10")));
  CHECK(is_loopback(*parse_ip("::1")));
  CHECK(is_loopback(*parse_ip("::ffff:127.0.0.1")));
  CHECK_FALSE(is_loopback(*parse_ip("128.0.0.1")));
  CHECK_FALSE(is_loopback(*parse_ip("::")));
  CHECK_FALSE(is_loopback(*parse_ip("::2")));
}

TEST_CASE("a block contains what shares its prefix") {
  auto contains = [](std::string_view block, std::string_view ip) {
    auto parsed = parse_address_block(block);
    REQUIRE(parsed.ok());
    return parsed->contains(*parse_ip(ip));
  };
  CHECK(contains("10.0.0.0/8", "10.255.0.1"));
  CHECK(contains("10.0.0.0/8", "::ffff:10.1.1.1"));
  CHECK_FALSE(contains("10.0.0.0/8", "11.0.0.0"));
  CHECK(contains("10.0.0.0/9", "10.127.255.255"));
  CHECK_FALSE(contains("10.0.0.0/9", "10.128.0.0"));
  CHECK(contains("0.0.0.0/0", "255.1.1.1"));
  CHECK_FALSE(contains("0.0.0.0/0", "2001:db8::1"));
  CHECK(contains("::/0", "10.0.0.1"));
  CHECK(contains("2001:db8::/32", "2001:db8:ffff::"));
  CHECK_FALSE(contains("2001:db8::/32", "2001:db9::"));
  CHECK(contains("10.0.0.7", "10.0.0.7"));
  CHECK_FALSE(contains("10.0.0.7", "10.0.0.6"));
  CHECK(contains("2001:db8::/33", "2001:db8:7fff::1"));
  CHECK_FALSE(contains("2001:db8::/33", "2001:db8:8000::1"));
}

TEST_CASE("blocks read as themselves again; what is none is refused") {
  for (const auto* text : {"10.0.0.0/8", "0.0.0.0/0", "2001:db8::/32", "::/0",
                           "10.0.0.7/32", "2001:db8::1/128"}) {
    auto parsed = parse_address_block(text);
    REQUIRE(parsed.ok());
    CHECK(to_string(*parsed) == text);
  }
  CHECK(to_string(*parse_address_block("10.0.0.7")) == "10.0.0.7/32");
  for (const auto* text : {"", "/", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/08",
                           "10.0.0.0/-1", "2001:db8::/129", "a/8", "10/8"})
    CHECK_MESSAGE(parse_address_block(text).error().code == errc::malformed,
                  text);
  CHECK(parse_address_block("10.0.0.1/8").error().code
        == errc::invalid_argument);
  CHECK(parse_address_block("2001:db8::1/64").error().code
        == errc::invalid_argument);
}
