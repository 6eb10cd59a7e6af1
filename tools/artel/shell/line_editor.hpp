// Reads lines from a terminal, with editing, history and completion. One at a
// time: the terminal is its own while read() runs.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace artel::tools {

enum class input_end : std::uint8_t {
  /// A line was typed.
  line = 1,
  /// SIGINT came, and what was typed is forgotten.
  interrupted,
  /// No more lines: Ctrl-D, or the terminal is gone.
  closed,
};

struct typed_line {
  input_end end = input_end::closed;
  /// Without its newline.
  std::string text;
};

/// What a press of the Tab key does.
struct completion {
  /// To put in at the cursor.
  std::string insertion;
  /// To show below the line, where there is more than one way to go on.
  std::vector<std::string> choices;
};

/// The candidates are whole words for the last word of the line. One that ends
/// in '/', '.' or '=' goes on; behind any other comes a blank.
completion choose_completion(std::string_view line_up_to_cursor,
                             const std::vector<std::string>& candidates);

/// In columns, as many as fit; of many only the first ones.
std::string choices_text(const std::vector<std::string>& choices,
                         std::size_t columns);

class line_editor {
public:
  /// Gives candidates for the last word of the line up to the cursor.
  using completer =
    std::function<std::vector<std::string>(std::string_view line)>;

  line_editor(completer complete, std::size_t history_lines);
  line_editor(const line_editor&) = delete;
  line_editor& operator=(const line_editor&) = delete;
  ~line_editor();

  /// Whoever handles SIGINT, without SA_RESTART, hears it as well.
  typed_line read(const std::string& prompt);

  /// Adds a line to those that the arrow keys bring back.
  void remember(const std::string& line);

private:
  struct state;
  std::unique_ptr<state> state_;
};

} // namespace artel::tools
