// Finds a task's input on disk: globs to files, and where to cut lines.
#pragma once

#include "protocol/task/task_spec.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace artel::runtime {

/// All regular files (also through links) that the patterns match, sorted by
/// path, each once. Patterns are as in a shell: *, ?, [a-z]; relative ones
/// belong to `directory`. not_found names the pattern that matches no file.
result<std::vector<source_file>>
find_files(const std::vector<std::string>& patterns,
           const std::filesystem::path& directory);

struct line_pieces {
  source_file file;
  /// As task_source wants them.
  std::vector<std::uint64_t> offsets;
};

/// Cuts a file after ends of lines: into pieces of `lines_per_piece` lines
/// where given, else into at most `pieces` of about equal size.
result<line_pieces> cut_lines(const std::string& path,
                              const std::filesystem::path& directory,
                              std::uint64_t pieces,
                              std::optional<std::uint64_t> lines_per_piece);

} // namespace artel::runtime
