// The lines that were typed at the prompt, kept in a file from one session to
// the next: one a line, oldest first, readable by its owner alone. Each is
// written as it comes, so that two sessions at a time lose none, and what ends
// without warning neither. Trouble with the file is no trouble of the session:
// then lines are kept for its time only.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace artel::tools {

class history_file {
public:
  static constexpr std::size_t lines_max = 1'000;
  /// Longer lines are not kept.
  static constexpr std::size_t line_bytes_max = 4'096;

  /// An empty path: nothing is kept.
  explicit history_file(std::filesystem::path path);

  /// The last lines_max lines. A file that has grown past that is shortened.
  std::vector<std::string> load();

  /// False where the line could not be written. Blank lines are not kept.
  bool add(std::string_view line);

private:
  std::filesystem::path path_;
};

/// $XDG_STATE_HOME/artel/history, else $HOME/.local/state/artel/history; empty
/// where neither is an absolute path.
std::filesystem::path default_history_path();

} // namespace artel::tools
