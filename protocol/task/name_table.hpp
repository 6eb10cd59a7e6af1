// Names of enumerators as task files write them, and back.
#pragma once

#include "protocol/core/result.hpp"

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>

namespace artel {

template <class Enum, std::size_t Size>
using name_table = std::array<std::pair<std::string_view, Enum>, Size>;

template <class Enum, std::size_t Size>
std::string_view name_of(const name_table<Enum, Size>& names,
                         Enum value) noexcept {
  for (const auto& [name, candidate] : names)
    if (candidate == value)
      return name;
  return "unknown";
}

/// "'x' is not WHAT; did you mean 'y'?; possible are ...".
std::string unknown_name_text(std::string_view text, std::string_view what,
                              std::span<const std::string_view> possible);

template <class Enum, std::size_t Size>
result<Enum> parse_name(const name_table<Enum, Size>& names,
                        std::string_view text, std::string_view what) {
  std::array<std::string_view, Size> possible;
  for (std::size_t i = 0; i < Size; ++i) {
    if (names[i].first == text)
      return names[i].second;
    possible[i] = names[i].first;
  }
  return {errc::invalid_argument, unknown_name_text(text, what, possible)};
}

} // namespace artel
