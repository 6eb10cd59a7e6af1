// The text of scripts: lines, the words of a line, and blocks of lines. Pure;
// knows no command but `repeat` and `end`, which make blocks.
//
//   # a comment: from a word's first character to the end of the line
//   word "two words" 'as it is: $no \escape' one\ word $VARIABLE ${VARIABLE}
//
// A backslash at its end makes a line go on with the next one.
#pragma once

#include "tools/artel/shell/script_place.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace artel::tools {

/// One line, those that it goes on in included, without its comment.
struct script_line {
  std::string file;
  std::string text;
  /// Line and column of each byte, and of the end.
  std::vector<std::pair<std::uint32_t, std::uint32_t>> spots;

  script_place place_of(std::size_t offset) const;
};

struct script_word {
  /// Quotes and backslashes are gone.
  std::string text;
  /// Where it begins and ends in the line's text.
  std::size_t offset = 0;
  std::size_t end = 0;
  /// Any of it was quoted: such a word is no keyword.
  bool quoted = false;
};

/// What is wrong with a line, at an offset of its text.
struct line_mistake {
  std::size_t offset = 0;
  std::string message;
};

/// A line, or a block: `repeat ...`, the lines in it, `end`.
struct script_statement {
  script_line line;
  bool is_block = false;
  std::vector<script_statement> body;
};

struct script_problem {
  script_place place;
  std::string message;
};

struct parsed_script {
  std::vector<script_statement> statements;
  /// In the order of the text.
  std::vector<script_problem> problems;
  /// A block has no end yet, or the last line goes on.
  bool is_incomplete = false;
};

/// The first line of the text stands at the place.
parsed_script parse_script(std::string_view text, const script_place& start);

std::optional<line_mistake> split_words(const script_line& line,
                                        std::vector<script_word>& words);

/// Reads a quoted text that begins at the offset, which is moved behind it.
/// Nothing: its end is missing.
std::optional<std::string> read_quoted(std::string_view text,
                                       std::size_t& offset);

/// Puts in the values of variables; what comes of one stands where it stood. A
/// value stays one word, whatever is in it.
std::optional<line_mistake>
substitute(script_line& line,
           const std::map<std::string, std::string>& variables);

/// Letters, digits and '_'; the first one is no digit.
bool is_variable_name(std::string_view name);

} // namespace artel::tools
