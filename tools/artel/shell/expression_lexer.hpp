// Expressions in pieces. Pure.
#pragma once

#include "tools/artel/shell/script_line.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace artel::tools {

enum class token_kind : std::uint8_t {
  /// A subject, figure, keyword or bare text: letters, digits, '_', '-'.
  name = 1,
  quoted,
  /// Begins with a digit, or with a minus and a digit.
  number,
  dot,
  open,
  close,
  /// == != < <= > >=
  comparison,
  end,
};

struct token {
  token_kind kind = token_kind::end;
  std::string text;
  std::size_t offset = 0;
  std::size_t end = 0;

  /// A keyword: a name that is not quoted.
  bool is(std::string_view word) const {
    return kind == token_kind::name && text == word;
  }
};

/// From the offset to the end of the text; the last one is an `end`.
std::optional<line_mistake> split_tokens(std::string_view text,
                                         std::size_t offset,
                                         std::vector<token>& tokens);

} // namespace artel::tools
