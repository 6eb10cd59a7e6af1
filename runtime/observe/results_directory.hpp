// Each job's output as a file of its own, in one directory. Files appear whole
// or not at all, under plain names, and replace nothing unasked.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/task/task_spec.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>

namespace artel::runtime {

/// What the jobs of a source call their outputs: the input file's name where
/// each job has a file of its own ("000012-name" where several files are called
/// alike), else "job-000012.out". Never has a '/', is never "." or "..".
class result_names {
public:
  explicit result_names(const task_source& source);

  std::string of(std::uint64_t job) const;

private:
  const task_source& source_;
  std::set<std::string> ambiguous_;
};

class results_directory {
public:
  /// Makes the directory where there is none. already_exists names the first
  /// file that a job of the source would replace, unless `force` allows it.
  /// The source must outlive the object.
  static result<std::unique_ptr<results_directory>>
  open(const std::filesystem::path& path, const task_source& source,
       bool force);

  results_directory(const results_directory&) = delete;
  results_directory& operator=(const results_directory&) = delete;
  ~results_directory();

  /// Writes the output of one job.
  result<void> write(std::uint64_t job, bytes_view output);

private:
  results_directory(int descriptor, std::filesystem::path path,
                    const task_source& source, bool force)
    : descriptor_(descriptor),
      path_(std::move(path)),
      names_(source),
      force_(force) {}

  result<void> check_nothing_replaced(const task_source& source) const;
  failure problem_with(const std::string& name, int error) const;

  int descriptor_;
  std::filesystem::path path_;
  result_names names_;
  bool force_;
};

} // namespace artel::runtime
