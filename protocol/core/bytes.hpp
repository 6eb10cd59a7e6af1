// Byte strings, and their hexadecimal form for people.
#pragma once

#include "protocol/core/result.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

using bytes = std::vector<std::uint8_t>;
using bytes_view = std::span<const std::uint8_t>;

/// Views text as bytes; the text must outlive the view.
inline bytes_view as_bytes(std::string_view text) noexcept {
  return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

/// Views bytes as text; the bytes must outlive the view.
inline std::string_view as_text(bytes_view data) noexcept {
  return {reinterpret_cast<const char*>(data.data()), data.size()};
}

inline bytes to_bytes(std::string_view text) {
  return {text.begin(), text.end()};
}

/// Lower-case hexadecimal, two digits a byte.
std::string to_hex(bytes_view data);

/// The inverse of to_hex; malformed on an odd length or a non-digit.
result<bytes> from_hex(std::string_view text);

} // namespace artel
