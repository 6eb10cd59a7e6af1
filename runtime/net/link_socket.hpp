// What listening and dialling share: descriptors that close themselves,
// addresses, and how the sockets of links are set.
#pragma once

#include "protocol/core/time.hpp"

#include <array>
#include <cstdint>
#include <string>
#include <utility>

#include <sys/socket.h>

namespace artel::runtime {

/// Closes its descriptor, unless it was released.
class owned_socket {
public:
  owned_socket() = default;
  explicit owned_socket(int descriptor) noexcept : descriptor_(descriptor) {}
  owned_socket(owned_socket&& other) noexcept : descriptor_(other.release()) {}
  owned_socket& operator=(owned_socket&& other) noexcept {
    std::swap(descriptor_, other.descriptor_);
    return *this;
  }
  ~owned_socket();

  int get() const noexcept { return descriptor_; }
  int release() noexcept { return std::exchange(descriptor_, -1); }
  explicit operator bool() const noexcept { return descriptor_ >= 0; }

private:
  int descriptor_ = -1;
};

/// An address with its port, as the system takes it.
struct socket_address {
  sockaddr_storage storage{};
  socklen_t size = sizeof(sockaddr_storage);

  const sockaddr* get() const noexcept {
    return reinterpret_cast<const sockaddr*>(&storage);
  }
  sockaddr* get() noexcept { return reinterpret_cast<sockaddr*>(&storage); }
};

/// "10.0.0.7:40212", "[2001:db8::1]:7447"; an IPv4 address that came in over
/// IPv6 is written as such.
std::string to_string(const socket_address& address);

/// What one who has an address has: an IPv4 address, or an IPv6 /64.
using address_key = std::array<std::uint8_t, 16>;
address_key key_of(const socket_address& address) noexcept;

/// No waiting for more bytes to send; little that the kernel keeps unsent, so
/// that what is urgent overtakes; given up where the other end takes nothing
/// for `stall`. Options that the system lacks are left out.
void set_link_options(int descriptor, milliseconds stall) noexcept;

/// An errno in words.
std::string system_error_text(int code);

} // namespace artel::runtime
