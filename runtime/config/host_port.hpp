// "HOST:PORT" as people write it: "seed.example:7447", "10.0.0.1:7447",
// "[2001:db8::1]:7447". Pure: no name is looked up.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace artel::runtime {

struct host_port {
  /// A name, or an address without brackets.
  std::string host;
  /// 0, where that is allowed: any that is free.
  std::uint16_t port = 0;

  auto operator<=>(const host_port&) const = default;
};

/// What port 0 means.
enum class port_zero : std::uint8_t {
  refused = 1,
  /// The system chooses: for listening alone.
  any_free,
};

/// malformed or out_of_range, with what was expected.
result<host_port> parse_host_port(std::string_view text,
                                  port_zero zero = port_zero::refused);

/// Reads as the same again.
std::string to_string(const host_port& address);

/// Whether it is an address in numbers rather than a name.
bool is_ip_address(std::string_view host);

/// Whether it could be a host's name: labels of letters, digits and hyphens.
bool is_host_name(std::string_view host);

/// Whether it is "10.0.0.0/8" or "2001:db8::/32", without bits past the prefix.
result<void> check_address_block(std::string_view text);

} // namespace artel::runtime
