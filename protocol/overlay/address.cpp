#include "protocol/overlay/address.hpp"

#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>

namespace artel {

namespace {

constexpr std::size_t host_name_bytes_max = 253;
constexpr std::size_t label_bytes_max = 63;
constexpr std::size_t groups = 8;

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

char to_lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

bool is_hex_digit(char c) noexcept {
  c = to_lower(c);
  return is_digit(c) || (c >= 'a' && c <= 'f');
}

bool all_digits(std::string_view text) noexcept {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

/// Decimal without sign or leading zeros, at most `max`.
std::optional<std::uint32_t> read_decimal(std::string_view text,
                                          std::uint32_t max) {
  if (!all_digits(text) || text.size() > 5
      || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value <= max ? std::optional{value} : std::nullopt;
}

std::optional<std::uint32_t> read_v4(std::string_view text) {
  std::uint32_t number = 0;
  for (int part = 0; part < 4; ++part) {
    auto dot = text.find('.');
    if ((dot == text.npos) != (part == 3))
      return std::nullopt;
    auto value = read_decimal(text.substr(0, dot), 255);
    if (!value)
      return std::nullopt;
    number = number << 8 | *value;
    text.remove_prefix(dot == text.npos ? text.size() : dot + 1);
  }
  return number;
}

/// Groups of one side of "::"; an IPv4 address may end the last side.
struct group_list {
  std::array<std::uint16_t, groups> values{};
  std::size_t size = 0;

  bool add(std::uint32_t value) {
    if (size == groups)
      return false;
    values[size++] = static_cast<std::uint16_t>(value);
    return true;
  }
};

bool read_group(std::string_view text, bool is_last, group_list& into) {
  if (is_last && text.find('.') != text.npos) {
    auto number = read_v4(text);
    return number && into.add(*number >> 16) && into.add(*number & 0xffff);
  }
  if (text.empty() || text.size() > 4
      || !std::all_of(text.begin(), text.end(), is_hex_digit))
    return false;
  std::uint32_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return into.add(value);
}

bool read_groups(std::string_view text, bool ends_address, group_list& into) {
  while (!text.empty()) {
    auto colon = text.find(':');
    auto is_last = colon == text.npos;
    if (!read_group(text.substr(0, colon), is_last && ends_address, into))
      return false;
    if (is_last)
      return true;
    text.remove_prefix(colon + 1);
    // A colon with nothing behind it.
    if (text.empty())
      return false;
  }
  return true;
}

std::optional<ip_address> read_v6(std::string_view text) {
  group_list head;
  group_list tail;
  auto gap = text.find("::");
  if (gap == text.npos) {
    if (!read_groups(text, true, head) || head.size != groups)
      return std::nullopt;
  } else if (!read_groups(text.substr(0, gap), false, head)
             || !read_groups(text.substr(gap + 2), true, tail)
             || head.size + tail.size >= groups) {
    return std::nullopt;
  }
  std::array<std::uint16_t, groups> all{};
  std::copy_n(head.values.begin(), head.size, all.begin());
  std::copy_n(tail.values.begin(), tail.size, all.end() - tail.size);
  ip_address address;
  for (std::size_t i = 0; i < groups; ++i) {
    address.bytes[2 * i] = static_cast<std::uint8_t>(all[i] >> 8);
    address.bytes[2 * i + 1] = static_cast<std::uint8_t>(all[i]);
  }
  return address;
}

std::string v4_text(const ip_address& address) {
  std::string text;
  for (std::size_t i = 12; i < 16; ++i)
    text += (i == 12 ? "" : ".") + std::to_string(address.bytes[i]);
  return text;
}

/// The first longest run of two zero groups or more: begin and end.
std::pair<std::size_t, std::size_t>
longest_gap(const std::array<std::uint32_t, groups>& values) {
  std::pair<std::size_t, std::size_t> best{groups, groups};
  for (std::size_t begin = 0; begin < groups;) {
    auto end = begin;
    while (end < groups && values[end] == 0)
      ++end;
    auto best_size = best.second - best.first;
    if (end - begin >= 2 && end - begin > best_size)
      best = {begin, end};
    begin = end + 1;
  }
  return best;
}

std::string v6_text(const ip_address& address) {
  std::array<std::uint32_t, groups> values{};
  for (std::size_t i = 0; i < groups; ++i)
    values[i] = static_cast<std::uint32_t>(address.bytes[2 * i]) << 8
                | address.bytes[2 * i + 1];
  auto gap = longest_gap(values);
  std::string text;
  for (std::size_t i = 0; i < groups; ++i) {
    if (i == gap.first) {
      text += "::";
      i = gap.second - 1;
      continue;
    }
    if (!text.empty() && text.back() != ':')
      text += ':';
    char digits[4];
    auto end = std::to_chars(digits, digits + sizeof(digits), values[i], 16);
    text.append(digits, end.ptr);
  }
  return text;
}

/// A block of IPv4 as the tables below write it.
struct v4_block {
  std::uint32_t first;
  unsigned bits;
};

// RFC 6890 and the IANA registry of special addresses.
constexpr v4_block special_v4[] = {
  {0x00000000, 8},  // this network
  {0x0a000000, 8},  // private
  {0x64400000, 10}, // shared
  {0x7f000000, 8},  // loopback
  {0xa9fe0000, 16}, // link-local
  {0xac100000, 12}, // private
  {0xc0000000, 24}, // protocols
  {0xc0000200, 24}, // documentation
  {0xc0586300, 24}, // 6to4 relays
  {0xc0a80000, 16}, // private
  {0xc6120000, 15}, // benchmarks
  {0xc6336400, 24}, // documentation
  {0xcb007100, 24}, // documentation
  {0xe0000000, 4},  // multicast
  {0xf0000000, 4},  // reserved, broadcast
};

std::uint32_t v4_number(const ip_address& address) noexcept {
  std::uint32_t number = 0;
  for (std::size_t i = 12; i < 16; ++i)
    number = number << 8 | address.bytes[i];
  return number;
}

bool is_public_v4(std::uint32_t number) noexcept {
  return std::none_of(std::begin(special_v4), std::end(special_v4),
                      [number](const v4_block& block) {
                        return (number ^ block.first) >> (32 - block.bits) == 0;
                      });
}

bool is_public_v6(const ip_address& address) noexcept {
  auto group = [&address](std::size_t i) {
    return static_cast<unsigned>(address.bytes[2 * i]) << 8
           | address.bytes[2 * i + 1];
  };
  // All that is given out lies in 2000::/3.
  if (group(0) >> 13 != 1)
    return false;
  // 2001::/23 (Teredo, benchmarks, ORCHID) and documentation.
  if (group(0) == 0x2001 && (group(1) < 0x200 || group(1) == 0xdb8))
    return false;
  return group(0) != 0x2002 && !(group(0) == 0x3fff && group(1) < 0x1000);
}

bool is_label(std::string_view label) noexcept {
  return !label.empty() && label.size() <= label_bytes_max
         && label.front() != '-' && label.back() != '-'
         && std::all_of(label.begin(), label.end(), [](char c) {
              c = to_lower(c);
              return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-'
                     || c == '_';
            });
}

/// Resolvers take "0x7f.1" and "2130706433" for IPv4 addresses.
bool is_number_label(std::string_view label) noexcept {
  if (label.size() >= 2 && label[0] == '0' && to_lower(label[1]) == 'x')
    return std::all_of(label.begin() + 2, label.end(), is_hex_digit);
  return all_digits(label);
}

failure no_address(std::string_view text) {
  return {errc::malformed,
          quoted(text)
            + " is no address; expected HOST:PORT, such as 10.0.0.1:7447, "
              "[2001:db8::1]:7447 or seed.example:7447"};
}

/// Without brackets; nothing where it is neither.
std::optional<node_address> read_host(std::string_view host, bool in_brackets) {
  node_address address;
  auto ip = parse_ip(host);
  auto has_colon = host.find(':') != host.npos;
  if (in_brackets != has_colon)
    return std::nullopt;
  if (ip) {
    address.host = to_string(*ip);
    address.ip = *ip;
    return address;
  }
  if (host.ends_with('.'))
    host.remove_suffix(1);
  if (!is_host_name(host))
    return std::nullopt;
  address.host = host;
  for (auto& c : address.host)
    c = to_lower(c);
  return address;
}

} // namespace

ip_address ip_address::v4(std::uint32_t number) noexcept {
  ip_address address;
  address.bytes[10] = address.bytes[11] = 0xff;
  for (std::size_t i = 0; i < 4; ++i)
    address.bytes[12 + i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
  return address;
}

bool ip_address::is_v4() const noexcept {
  return std::all_of(bytes.begin(), bytes.begin() + 10,
                     [](std::uint8_t one) { return one == 0; })
         && bytes[10] == 0xff && bytes[11] == 0xff;
}

result<ip_address> parse_ip(std::string_view text) {
  if (auto number = read_v4(text))
    return ip_address::v4(*number);
  if (auto address = read_v6(text))
    return *address;
  return {errc::malformed,
          quoted(text)
            + " is no IP address; expected one such as 10.0.0.1 or "
              "2001:db8::1"};
}

std::string to_string(const ip_address& address) {
  return address.is_v4() ? v4_text(address) : v6_text(address);
}

bool is_public(const ip_address& address) noexcept {
  return address.is_v4() ? is_public_v4(v4_number(address))
                         : is_public_v6(address);
}

bool is_loopback(const ip_address& address) noexcept {
  if (address.is_v4())
    return address.bytes[12] == 127;
  ip_address one;
  one.bytes[15] = 1;
  return address == one;
}

bool address_block::contains(const ip_address& address) const noexcept {
  std::size_t whole = prefix_bits / 8;
  if (!std::equal(first.bytes.begin(), first.bytes.begin() + whole,
                  address.bytes.begin()))
    return false;
  auto rest = prefix_bits % 8;
  return rest == 0
         || (first.bytes[whole] ^ address.bytes[whole]) >> (8 - rest) == 0;
}

result<address_block> parse_address_block(std::string_view text) {
  auto slash = text.find('/');
  auto ip = parse_ip(text.substr(0, slash));
  // Of a mapped address in IPv6's own form, nobody could tell what is meant.
  auto as_v6 = text.substr(0, slash).find(':') != text.npos;
  auto width = ip && ip->is_v4() && !as_v6 ? 32u : 128u;
  auto bits = slash == text.npos ? std::optional{width}
                                 : read_decimal(text.substr(slash + 1), width);
  if (!ip || !bits)
    return {errc::malformed,
            quoted(text)
              + " is no block of addresses; expected one such as 10.0.0.0/8 or "
                "2001:db8::/32"};
  address_block block{*ip, static_cast<std::uint8_t>(128 - width + *bits)};
  for (std::size_t bit = block.prefix_bits; bit < 128; ++bit)
    if ((ip->bytes[bit / 8] >> (7 - bit % 8) & 1) != 0)
      return {errc::invalid_argument,
              quoted(text) + " has bits behind its first "
                + std::to_string(*bits)
                + "; expected the block's first address"};
  return block;
}

std::string to_string(const address_block& block) {
  // A wider block that begins in the mapped range is one of IPv6.
  auto is_v4 = block.first.is_v4() && block.prefix_bits >= 96;
  return (is_v4 ? v4_text(block.first) : v6_text(block.first)) + "/"
         + std::to_string(block.prefix_bits - (is_v4 ? 96 : 0));
}

bool is_host_name(std::string_view text) noexcept {
  if (text.size() > host_name_bytes_max)
    return false;
  for (;;) {
    auto dot = text.find('.');
    auto label = text.substr(0, dot);
    if (!is_label(label))
      return false;
    if (dot == text.npos)
      return !is_number_label(label);
    text.remove_prefix(dot + 1);
  }
}

result<node_address> parse_address(std::string_view text, port_zero zero) {
  auto colon = text.rfind(':');
  if (colon == text.npos)
    return no_address(text);
  auto host = text.substr(0, colon);
  auto in_brackets =
    host.size() >= 2 && host.front() == '[' && host.back() == ']';
  if (in_brackets)
    host = host.substr(1, host.size() - 2);
  else if (host.find(':') != host.npos)
    return {errc::malformed, quoted(text)
                               + " is ambiguous; an IPv6 address needs "
                                 "brackets: [2001:db8::1]:7447"};
  auto address = read_host(host, in_brackets);
  auto port_text = text.substr(colon + 1);
  if (!address || !all_digits(port_text))
    return no_address(text);
  auto port = read_decimal(port_text, 65535);
  if (!port || (*port == 0 && zero == port_zero::refused))
    return {errc::out_of_range,
            quoted(text) + ": the port is out of range; expected "
              + (zero == port_zero::any_free ? "0 (any that is free)" : "1")
              + " to 65535"};
  address->port = static_cast<std::uint16_t>(*port);
  return *address;
}

std::string to_string(const node_address& address) {
  auto port = ":" + std::to_string(address.port);
  return address.host.find(':') == std::string::npos
           ? address.host + port
           : "[" + address.host + "]" + port;
}

} // namespace artel
