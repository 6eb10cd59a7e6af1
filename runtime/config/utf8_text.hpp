// Whether bytes are text: what task files and JSON can hold as it is.
#pragma once

#include <cstddef>
#include <string_view>

namespace artel::runtime {

/// Strictly: no overlong forms, no surrogates, nothing above U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

/// The longest start of valid UTF-8 text of at most `bytes_max` bytes that does
/// not end within a character.
std::string_view utf8_prefix(std::string_view text,
                             std::size_t bytes_max) noexcept;

} // namespace artel::runtime
