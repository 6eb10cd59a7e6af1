// Internet addresses as text and as numbers: "host:port" in one canonical form,
// so that no address is listed twice, and which addresses are public. Pure: no
// name is looked up.
#pragma once

#include "protocol/core/result.hpp"

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace artel {

/// IPv6, or IPv4 in its mapped form (::ffff:a.b.c.d): one address, one value.
struct ip_address {
  std::array<std::uint8_t, 16> bytes{};

  auto operator<=>(const ip_address&) const = default;

  static ip_address v4(std::uint32_t number) noexcept;
  bool is_v4() const noexcept;
};

/// "10.0.0.1" (four decimal numbers without leading zeros) or any form of
/// RFC 4291 without a zone; malformed else.
result<ip_address> parse_ip(std::string_view text);

/// Dotted for IPv4; the form of RFC 5952 for IPv6.
std::string to_string(const ip_address& address);

/// Whether it can be somebody's on the open Internet: not unspecified,
/// loopback, private, link-local, shared (CGNAT), for documentation, benchmarks
/// or protocols, multicast or reserved; nor one that only wraps an IPv4 address
/// (6to4, Teredo, NAT64), which could be any of these.
bool is_public(const ip_address& address) noexcept;

/// Itself: 127.0.0.0/8 or ::1.
bool is_loopback(const ip_address& address) noexcept;

/// "10.0.0.0/8", "2001:db8::/32"; a single address is a block of one.
struct address_block {
  ip_address first;
  /// Of all 128 bits: those of an IPv4 block count from 96.
  std::uint8_t prefix_bits = 128;

  bool operator==(const address_block&) const = default;
  bool contains(const ip_address& address) const noexcept;
};

/// malformed; invalid_argument where bits are set behind the prefix.
result<address_block> parse_address_block(std::string_view text);

std::string to_string(const address_block& block);

/// Labels of 1 to 63 letters, digits, hyphens inside (RFC 1123) and underscores
/// (which local networks use), 253 in all; the last is no number, for that
/// would be a mistyped address.
bool is_host_name(std::string_view text) noexcept;

/// Where a node listens, or is to.
struct node_address {
  /// A name in lower case without a dot at its end, or an address as
  /// to_string() writes it, without brackets.
  std::string host;
  std::uint16_t port = 0;
  /// Where the host is an address.
  std::optional<ip_address> ip = {};

  bool operator==(const node_address&) const = default;
};

/// What port 0 means.
enum class port_zero : std::uint8_t {
  refused = 1,
  /// The system chooses: for listening alone.
  any_free,
};

/// "host:port", "10.0.0.1:7447", "[2001:db8::1]:7447"; malformed, or
/// out_of_range unless the port is from 1 to 65535.
result<node_address> parse_address(std::string_view text,
                                   port_zero zero = port_zero::refused);

/// The canonical form: parses to the same again.
std::string to_string(const node_address& address);

} // namespace artel
