// Builds WebAssembly modules for tests, sound ones and others, section by
// section.
#pragma once

#include "protocol/core/bytes.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string_view>

namespace artel::testing {

inline void append(bytes& to, bytes_view more) {
  to.insert(to.end(), more.begin(), more.end());
}

/// LEB128, as short as it gets.
inline bytes number(std::uint32_t value) {
  bytes encoded;
  for (; value >= 0x80; value >>= 7)
    encoded.push_back(static_cast<std::uint8_t>(value | 0x80));
  encoded.push_back(static_cast<std::uint8_t>(value));
  return encoded;
}

/// Hexadecimal digits, with 'names' in quotes, which get their length before
/// them: "01 'memory' 02 00".
inline bytes raw(std::string_view text) {
  bytes data;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == ' ')
      continue;
    if (text[i] == '\'') {
      auto end = text.find('\'', i + 1);
      auto name = text.substr(i + 1, end - i - 1);
      append(data, number(static_cast<std::uint32_t>(name.size())));
      append(data, as_bytes(name));
      i = end;
    } else {
      append(data, from_hex(text.substr(i, 2)).value());
      ++i;
    }
  }
  return data;
}

inline bytes section(std::uint8_t id, bytes_view contents) {
  bytes framed{id};
  append(framed, number(static_cast<std::uint32_t>(contents.size())));
  append(framed, contents);
  return framed;
}

/// Has one section of each kind that a command has, and imports proc_exit,
/// which is function 0; function 1 is _start.
class module_builder {
public:
  /// Replaces a section, or adds it where it belongs.
  module_builder& put(std::uint8_t id, bytes contents) {
    sections_[id] = std::move(contents);
    return *this;
  }
  module_builder& put(std::uint8_t id, std::string_view text) {
    return put(id, raw(text));
  }

  module_builder& drop(std::uint8_t id) {
    sections_.erase(id);
    return *this;
  }

  bytes build() const {
    auto data = raw("00 61 73 6d 01 00 00 00");
    for (auto id : order)
      if (auto found = sections_.find(id); found != sections_.end())
        append(data, section(id, found->second));
    return data;
  }

  /// Where the contents of a section begin.
  std::size_t offset_of(std::uint8_t wanted) const {
    std::size_t offset = 8;
    for (auto id : order)
      if (auto found = sections_.find(id); found != sections_.end()) {
        auto size = section(id, found->second).size();
        if (id == wanted)
          return offset + size - found->second.size();
        offset += size;
      }
    return offset;
  }

private:
  // Exceptions' tags and the count of data have late numbers, not late places.
  static constexpr std::array<std::uint8_t, 13> order{1, 2, 3, 4,  5,  13, 6,
                                                      7, 8, 9, 12, 10, 11};

  std::map<std::uint8_t, bytes> sections_{
    {1, raw("02 60 00 00 60 01 7f 00")},
    {2, raw("01 'wasi_snapshot_preview1' 'proc_exit' 00 01")},
    {3, raw("01 00")},
    {4, raw("01 70 00 02")},
    {5, raw("01 01 02 10")},
    {6, raw("01 7f 01 41 2a 0b")},
    {7, raw("02 'memory' 02 00 '_start' 00 01")},
    {9, raw("01 00 41 00 0b 01 01")},
    {10, raw("01 02 00 0b")},
    {11, raw("01 00 41 08 0b 02 68 69")},
  };
};

} // namespace artel::testing
