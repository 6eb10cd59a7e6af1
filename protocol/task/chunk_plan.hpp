// Cuts a task's input into jobs. The plan holds no chunk: each is computed from
// its index, so that a task of a million jobs takes no more memory than one of
// ten.
#pragma once

#include "protocol/task/job_input.hpp"
#include "protocol/task/task_spec.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace artel {

/// Where one job's input comes from; bytes are read when the job starts.
struct chunk {
  std::uint64_t index = 0;
  input_kind kind = input_kind::none;
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  /// kind data: path, and the part of it [offset, offset + bytes).
  std::string path;
  std::uint64_t offset = 0;
  std::uint64_t bytes = 0;
};

/// How many chunks a source gives: for files and lines as many as are listed,
/// for a range no more than it holds numbers. Defined for any source, so that
/// validation can ask before there is a plan; zero where nothing can be cut.
std::uint64_t chunk_count(const task_source& source) noexcept;

class chunk_plan {
public:
  /// Of a validated source. A range smaller than the wanted chunks is cut into
  /// single numbers; sizes differ by one at most.
  ///
  /// `source.only` selects which chunks are run, not how they are cut: the plan
  /// is the same with it and without, so that a chunk keeps its index, its
  /// input and its place in the result when it is run again.
  explicit chunk_plan(task_source source);

  std::uint64_t count() const noexcept { return count_; }

  /// The chunk at index < count(). O(1).
  chunk at(std::uint64_t index) const;

  const task_source& source() const noexcept { return source_; }

private:
  /// Sets the part of the range that belongs to target.index.
  void cut_range(chunk& target) const;

  task_source source_;
  std::uint64_t count_ = 0;
};

/// Offsets of the first byte of each of at most `chunks` pieces of text, cut
/// after newlines, of about equal size; none is empty. Empty text: no piece.
/// No piece is longer than an equal share plus one line. O(text).
std::vector<std::uint64_t> split_lines(std::string_view text,
                                       std::uint64_t chunks);

/// The last part of a path: what a job calls its file. Slashes at the end don't
/// count ("a/b/" is "b"); empty for "" and "/".
std::string file_name_of(std::string_view path);

} // namespace artel
