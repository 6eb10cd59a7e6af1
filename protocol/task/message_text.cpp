#include "protocol/task/message_text.hpp"

#include <array>
#include <cstddef>
#include <utility>

namespace artel {

namespace {

constexpr std::size_t quoted_bytes_max = 40;

void append_escaped(std::string& target, char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  auto byte = static_cast<unsigned char>(c);
  switch (c) {
    case '\n': target += "\\n"; return;
    case '\r': target += "\\r"; return;
    case '\t': target += "\\t"; return;
    case '\\': target += "\\\\"; return;
    case '\'': target += "\\'"; return;
    default: break;
  }
  if (byte >= 0x20 && byte < 0x7f) {
    target += c;
    return;
  }
  target += "\\x";
  target += digits[byte >> 4];
  target += digits[byte & 0xf];
}

} // namespace

std::string quoted(std::string_view text) {
  std::string result = "'";
  for (auto c : text.substr(0, quoted_bytes_max))
    append_escaped(result, c);
  if (text.size() > quoted_bytes_max)
    result += "...";
  result += '\'';
  return result;
}

std::string byte_count_text(std::uint64_t count) {
  constexpr std::array<std::pair<int, std::string_view>, 5> units{{
    {50, " PiB"},
    {40, " TiB"},
    {30, " GiB"},
    {20, " MiB"},
    {10, " KiB"},
  }};
  for (auto [shift, name] : units) {
    auto whole = count >> shift;
    if (whole > 0 && whole << shift == count)
      return std::to_string(whole).append(name);
  }
  return std::to_string(count) + (count == 1 ? " byte" : " bytes");
}

std::string duration_text(milliseconds duration) {
  auto count = duration.count();
  if (count != 0 && count % 1000 == 0)
    return std::to_string(count / 1000) + " s";
  return std::to_string(count) + " ms";
}

} // namespace artel
