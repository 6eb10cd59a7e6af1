#include "runtime/config/host_port.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>

#include <arpa/inet.h>
#include <netinet/in.h>

namespace artel::runtime {

namespace {

constexpr std::size_t host_name_bytes_max = 253;
constexpr std::size_t label_bytes_max = 63;

/// An address's bytes: 4 or 16; nothing where it is none.
struct address_bytes {
  std::array<std::uint8_t, 16> bytes{};
  std::size_t size = 0;
};

std::optional<address_bytes> read_address(std::string_view host) {
  // Longer than any address, or with a zero byte that inet_pton would not see.
  if (host.size() >= INET6_ADDRSTRLEN || host.find('\0') != host.npos)
    return std::nullopt;
  std::string text{host};
  address_bytes found;
  if (::inet_pton(AF_INET, text.c_str(), found.bytes.data()) == 1)
    found.size = 4;
  else if (::inet_pton(AF_INET6, text.c_str(), found.bytes.data()) == 1)
    found.size = 16;
  else
    return std::nullopt;
  return found;
}

bool is_letter_or_digit(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
         || (c >= '0' && c <= '9');
}

bool is_label(std::string_view label) {
  return !label.empty() && label.size() <= label_bytes_max
         && label.front() != '-' && label.back() != '-'
         && std::all_of(label.begin(), label.end(), [](char c) {
              return is_letter_or_digit(c) || c == '-' || c == '_';
            });
}

template <class Number>
std::optional<Number> read_number(std::string_view text) {
  Number value = 0;
  auto end = text.data() + text.size();
  auto read = std::from_chars(text.data(), end, value);
  if (text.empty() || read.ec != std::errc{} || read.ptr != end)
    return std::nullopt;
  return value;
}

failure no_host_port(std::string_view text) {
  return {errc::malformed,
          quoted(text)
            + " is no address; expected HOST:PORT, such as \"10.0.0.1:7447\","
              " \"[2001:db8::1]:7447\" or \"seed.example:7447\""};
}

} // namespace

bool is_ip_address(std::string_view host) {
  return read_address(host).has_value();
}

bool is_host_name(std::string_view host) {
  if (host.empty() || host.size() > host_name_bytes_max)
    return false;
  // All digits and dots: an address that was mistyped.
  if (host.find_first_not_of("0123456789.") == host.npos)
    return false;
  while (true) {
    auto dot = host.find('.');
    if (!is_label(host.substr(0, dot)))
      return false;
    // A dot at the end is the root of all names.
    if (dot == host.npos || dot + 1 == host.size())
      return true;
    host.remove_prefix(dot + 1);
  }
}

result<host_port> parse_host_port(std::string_view text, port_zero zero) {
  auto colon = text.rfind(':');
  if (colon == text.npos)
    return no_host_port(text);
  auto host = text.substr(0, colon);
  auto bracketed =
    host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (bracketed)
    host = host.substr(1, host.size() - 2);
  auto has_colon = host.find(':') != host.npos;
  if (has_colon && !bracketed)
    return {errc::malformed,
            quoted(text)
              + " is ambiguous; an IPv6 address needs brackets:"
                " \"[2001:db8::1]:7447\""};
  auto sound = bracketed ? has_colon && is_ip_address(host)
                         : is_ip_address(host) || is_host_name(host);
  auto port_text = text.substr(colon + 1);
  if (!sound || port_text.empty()
      || port_text.find_first_not_of("0123456789") != port_text.npos)
    return no_host_port(text);
  auto port = read_number<std::uint16_t>(port_text);
  if (!port || (*port == 0 && zero == port_zero::refused))
    return {errc::out_of_range,
            quoted(text) + ": the port is out of range; expected "
              + (zero == port_zero::any_free ? "0 (any that is free)" : "1")
              + " to 65535"};
  return host_port{std::string{host}, *port};
}

std::string to_string(const host_port& address) {
  auto port = ":" + std::to_string(address.port);
  return address.host.find(':') == std::string::npos
           ? address.host + port
           : "[" + address.host + "]" + port;
}

result<void> check_address_block(std::string_view text) {
  auto slash = text.find('/');
  auto address = read_address(text.substr(0, slash));
  auto prefix = slash == text.npos
                  ? std::nullopt
                  : read_number<std::uint8_t>(text.substr(slash + 1));
  if (!address || !prefix || *prefix > address->size * 8)
    return {errc::malformed,
            quoted(text)
              + " is no block of addresses; expected one such as"
                " \"10.0.0.0/8\" or \"2001:db8::/32\""};
  for (std::size_t bit = *prefix; bit < address->size * 8; ++bit)
    if ((address->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
      return {errc::invalid_argument,
              quoted(text) + " has bits behind its first "
                + std::to_string(*prefix)
                + "; expected the block's first address"};
  return {};
}

} // namespace artel::runtime
