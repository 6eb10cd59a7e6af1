#include "runtime/net/link_socket.hpp"

#include "protocol/overlay/address.hpp"

#include <algorithm>
#include <cstring>
#include <system_error>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <unistd.h>

namespace artel::runtime {

namespace {

/// Holds 0.1 s of a line of 10 Mbit/s.
constexpr int unsent_bytes_max = 128 << 10;

constexpr std::array<std::uint8_t, 12> mapped_prefix{0, 0, 0, 0, 0,    0,
                                                     0, 0, 0, 0, 0xff, 0xff};

/// The address's 16 bytes, IPv4 as IPv6 writes it, and the port.
std::pair<address_key, std::uint16_t>
parts_of(const socket_address& address) noexcept {
  address_key raw{};
  if (address.storage.ss_family == AF_INET6) {
    sockaddr_in6 six;
    std::memcpy(&six, &address.storage, sizeof(six));
    std::copy_n(six.sin6_addr.s6_addr, raw.size(), raw.begin());
    return {raw, ntohs(six.sin6_port)};
  }
  sockaddr_in four;
  std::memcpy(&four, &address.storage, sizeof(four));
  std::copy(mapped_prefix.begin(), mapped_prefix.end(), raw.begin());
  std::memcpy(raw.data() + mapped_prefix.size(), &four.sin_addr, 4);
  return {raw, ntohs(four.sin_port)};
}

bool is_mapped(const address_key& raw) noexcept {
  return std::equal(mapped_prefix.begin(), mapped_prefix.end(), raw.begin());
}

} // namespace

owned_socket::~owned_socket() {
  if (descriptor_ >= 0)
    ::close(descriptor_);
}

std::string to_string(const socket_address& address) {
  auto [raw, port] = parts_of(address);
  char text[INET6_ADDRSTRLEN] = "";
  if (is_mapped(raw))
    ::inet_ntop(AF_INET, raw.data() + mapped_prefix.size(), text, sizeof(text));
  else
    ::inet_ntop(AF_INET6, raw.data(), text, sizeof(text));
  return to_string(node_address{text, port});
}

address_key key_of(const socket_address& address) noexcept {
  auto raw = parts_of(address).first;
  // Whoever has an IPv6 address has its /64.
  if (!is_mapped(raw))
    std::fill(raw.begin() + 8, raw.end(), std::uint8_t{0});
  return raw;
}

void set_link_options(int descriptor, milliseconds stall) noexcept {
  auto set = [descriptor](int level, int name, int value) {
    ::setsockopt(descriptor, level, name, &value, sizeof(value));
  };
  set(IPPROTO_TCP, TCP_NODELAY, 1);
  set(SOL_SOCKET, SO_KEEPALIVE, 1);
#ifdef TCP_NOTSENT_LOWAT
  set(IPPROTO_TCP, TCP_NOTSENT_LOWAT, unsent_bytes_max);
#endif
#ifdef TCP_USER_TIMEOUT
  set(IPPROTO_TCP, TCP_USER_TIMEOUT, static_cast<int>(stall.count()));
#endif
}

std::string system_error_text(int code) {
  return std::generic_category().message(code);
}

} // namespace artel::runtime
