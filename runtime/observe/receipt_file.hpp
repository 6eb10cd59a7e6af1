// Writes receipt files as a task goes on, and reads them line by line: memory
// does not grow with the file. One thread at a time.
#pragma once

#include "runtime/observe/receipt_record.hpp"

#include <cstdint>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

namespace artel::runtime {

/// Outputs of results that are handed on one by one are kept in receipt files
/// up to this size, for people to look at. Those of a task that puts them
/// together are kept whole: a retry needs them.
inline constexpr std::size_t kept_output_bytes_max = 4096;

class receipt_writer {
public:
  /// A new file. already_exists where there is one with something in it, unless
  /// `force` says to replace it.
  static result<std::unique_ptr<receipt_writer>>
  create(const std::filesystem::path& path, bool force);

  /// A file that starts with all whole lines of `earlier`, for a retry; where
  /// both are the same file, it is continued in place.
  static result<std::unique_ptr<receipt_writer>>
  continue_from(const std::filesystem::path& earlier,
                const std::filesystem::path& path, bool force);

  receipt_writer(const receipt_writer&) = delete;
  receipt_writer& operator=(const receipt_writer&) = delete;
  ~receipt_writer();

  /// Lines are gathered and written a few at a time; flush() writes what there
  /// is. After an error (a full disk) nothing more is written.
  void put(const json& record);
  void flush();

  /// The first error of writing.
  const std::optional<failure>& problem() const noexcept { return problem_; }

private:
  receipt_writer(int descriptor, std::filesystem::path path)
    : descriptor_(descriptor),
      path_(std::move(path)) {}

  result<void> copy_lines(const std::filesystem::path& earlier);
  result<void> keep_whole_lines();

  int descriptor_;
  std::filesystem::path path_;
  hash256 chain_;
  std::string buffer_;
  std::optional<failure> problem_;
};

struct receipt_line {
  std::uint64_t number = 0;
  /// Nothing where the line is not readable.
  std::optional<receipt_line_content> content;
  /// What is wrong with the line, its chain included.
  std::optional<failure> problem;
};

class receipt_reader {
public:
  /// not_found, or system_failure, where it can't be opened.
  static result<receipt_reader> open(const std::filesystem::path& path);

  /// The next line; nothing at the end.
  std::optional<receipt_line> next();

  /// Once at the end: whether the last line was written only in part, as by a
  /// process that was killed. It is not among the lines.
  bool has_partial_line() const noexcept { return partial_; }

private:
  explicit receipt_reader(std::ifstream stream) : stream_(std::move(stream)) {}

  std::ifstream stream_;
  std::uint64_t number_ = 0;
  hash256 chain_;
  bool partial_ = false;
};

} // namespace artel::runtime
