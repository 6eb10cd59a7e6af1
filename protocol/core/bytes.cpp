#include "protocol/core/bytes.hpp"

namespace artel {

namespace {

int digit_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

} // namespace

std::string to_hex(bytes_view data) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(data.size() * 2);
  for (auto byte : data) {
    text.push_back(digits[byte >> 4]);
    text.push_back(digits[byte & 15]);
  }
  return text;
}

result<bytes> from_hex(std::string_view text) {
  if (text.size() % 2 != 0)
    return {errc::malformed, "hexadecimal text has an odd number of digits"};
  bytes data;
  data.reserve(text.size() / 2);
  for (std::size_t i = 0; i < text.size(); i += 2) {
    auto high = digit_value(text[i]);
    auto low = digit_value(text[i + 1]);
    if (high < 0 || low < 0)
      return {errc::malformed, "not a hexadecimal digit at position "
                                 + std::to_string(high < 0 ? i : i + 1)};
    data.push_back(static_cast<std::uint8_t>(high * 16 + low));
  }
  return data;
}

} // namespace artel
