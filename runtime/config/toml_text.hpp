// TOML, as all of its readers here take it.
#pragma once

#include <cstddef>
#include <string_view>

#include <toml++/toml.h>

namespace artel::runtime {

/// A key is "a.b.c", of three parts. The library makes a table of each part,
/// within that of the part before, and ends them one within the other: a line
/// of 200 KB would take all of the stack. What we read has three parts at most.
inline constexpr std::size_t toml_key_parts_max = 16;

/// Throws toml::parse_error where it is none, or where a key has more parts.
toml::table parse_toml(std::string_view text);

} // namespace artel::runtime
