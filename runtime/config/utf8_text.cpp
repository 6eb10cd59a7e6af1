#include "runtime/config/utf8_text.hpp"

#include <cstdint>

namespace artel::runtime {

namespace {

bool continues(char c) noexcept {
  return (static_cast<std::uint8_t>(c) & 0xc0) == 0x80;
}

/// How many bytes the character at the start takes; 0 where there is none.
std::size_t character_length(std::string_view text) noexcept {
  auto lead = static_cast<std::uint8_t>(text.front());
  if (lead < 0x80)
    return 1;
  std::size_t length = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < length)
    return 0;
  for (std::size_t i = 1; i < length; ++i)
    if (!continues(text[i]))
      return 0;
  // What else the second byte must be: no overlong form, no surrogate, nothing
  // beyond the last plane.
  auto second = static_cast<std::uint8_t>(text[1]);
  auto sound =
    (lead != 0xe0 || second >= 0xa0) && (lead != 0xed || second < 0xa0)
    && (lead != 0xf0 || second >= 0x90) && (lead != 0xf4 || second < 0x90);
  return sound ? length : 0;
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    auto length = character_length(text);
    if (length == 0)
      return false;
    text.remove_prefix(length);
  }
  return true;
}

std::string_view utf8_prefix(std::string_view text,
                             std::size_t bytes_max) noexcept {
  if (text.size() <= bytes_max)
    return text;
  auto end = bytes_max;
  while (end > 0 && continues(text[end]))
    --end;
  return text.substr(0, end);
}

} // namespace artel::runtime
