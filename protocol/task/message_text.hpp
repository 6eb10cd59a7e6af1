// How messages about tasks show what they were given: safe to print whatever a
// program or a file put there.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace artel {

/// The text in single quotes: its first 40 bytes at most ("..." stands for the
/// rest), everything but printable ASCII escaped ("\n", "\xff").
std::string quoted(std::string_view text);

/// "64 MiB" where the number is whole in such a unit, else "1500 bytes".
std::string byte_count_text(std::uint64_t count);

/// "10 s" where the number of seconds is whole, else "1500 ms".
std::string duration_text(milliseconds duration);

} // namespace artel
