// Each job's output as a file of its own, in one directory, and the files that
// it left in a directory beside it. Both appear whole or not at all, under
// plain names, and replace nothing unasked.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/task/output_file.hpp"
#include "protocol/task/task_spec.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace artel::runtime {

/// What the jobs of a source call their outputs: the input file's name where
/// each job has a file of its own ("000012-name" where several files are called
/// alike), else "job-000012.out". The directory of its output files ends in
/// ".files": "name.files", "job-000012.files". None ever has a '/', or is "."
/// or
/// "..".
class result_names {
public:
  explicit result_names(const task_source& source);

  std::string of(std::uint64_t job) const;
  std::string files_of(std::uint64_t job) const;

private:
  std::string stem_of(std::uint64_t job) const;

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

  /// Writes what one job gave: its files first, so that they are there with its
  /// output. Files come from other nodes: malformed where a name could lead out
  /// of the job's directory.
  result<void> write(std::uint64_t job, bytes_view output,
                     const std::vector<output_file>& files = {});

private:
  results_directory(int descriptor, std::filesystem::path path,
                    const task_source& source, bool force)
    : descriptor_(descriptor),
      path_(std::move(path)),
      names_(source),
      force_(force) {}

  result<void> check_nothing_replaced(const task_source& source) const;
  result<void> write_output(std::uint64_t job, bytes_view output);
  result<void> write_files(std::uint64_t job,
                           const std::vector<output_file>& files);
  /// Makes the whole directory under a name of its own, before it is moved.
  result<void> make_files(const std::string& temporary, const std::string& name,
                          const std::vector<output_file>& files);
  result<void> remove_earlier_files(const std::string& name);
  void remove_tree(const std::string& name);
  failure problem_with(const std::string& name, int error) const;

  int descriptor_;
  std::filesystem::path path_;
  result_names names_;
  bool force_;
};

} // namespace artel::runtime
