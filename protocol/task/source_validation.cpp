// What is wrong with a task's input.
#include "protocol/task/validation.hpp"

#include "protocol/core/limits.hpp"
#include "protocol/task/chunk_plan.hpp"
#include "protocol/task/message_text.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

namespace artel::validation {

namespace {

std::string_view name_of(source_kind kind) {
  switch (kind) {
    case source_kind::none: return "no input";
    case source_kind::range: return "a range";
    case source_kind::files: return "files";
    case source_kind::lines: return "lines";
  }
  return "unknown";
}

/// A source has one kind; what belongs to another would go unnoticed.
void check_single_kind(const task_source& source, errors& found) {
  auto refuse = [&](std::string_view field, std::string_view what) {
    found.push_back({std::string{field}, errc::invalid_argument,
                     std::string{what} + " given, but the input is "
                       + std::string{name_of(source.kind)}
                       + "; expected one of files, lines and range"});
  };
  auto takes_files =
    source.kind == source_kind::files || source.kind == source_kind::lines;
  if (source.kind != source_kind::range && (source.first | source.last) != 0)
    refuse("input.range", "a range is");
  if (!takes_files && !source.files.empty())
    refuse("input.files", "files are");
  if (source.kind != source_kind::lines && !source.line_offsets.empty())
    refuse("input.lines", "lines are");
}

void check_range(const task_source& source, errors& found) {
  auto given = std::to_string(source.first) + ".." + std::to_string(source.last)
               + " given; ";
  if (source.first > source.last)
    found.push_back({"input.range", errc::invalid_argument,
                     given + "expected the smaller number first"});
  if (std::max(source.first, source.last) > limits::range_value_max)
    found.push_back({"input.range", errc::out_of_range,
                     given + "expected numbers up to "
                       + std::to_string(limits::range_value_max)
                       + " (2^63 - 1)"});
}

std::optional<field_error> problem_of(std::string_view field,
                                      const source_file& file,
                                      bool is_whole_input) {
  auto name = file_name_of(file.path);
  auto file_text = "file " + quoted(file.path);
  if (name.empty() || name == "." || name == ".."
      || name.find('\0') != std::string::npos)
    return field_error{std::string{field}, errc::invalid_argument,
                       file_text
                         + " has no name that a job could see;"
                           " expected a path that ends in a file name"};
  if (name.size() > limits::name_bytes_max)
    return field_error{
      std::string{field}, errc::limit_exceeded,
      file_text + " has a name of " + std::to_string(name.size())
        + " bytes; expected at most " + std::to_string(limits::name_bytes_max)};
  if (is_whole_input && file.bytes > limits::input_bytes_max)
    return field_error{std::string{field}, errc::limit_exceeded,
                       file_text + " has " + byte_count_text(file.bytes)
                         + "; expected at most "
                         + byte_count_text(limits::input_bytes_max)
                         + ", as one job gets all of it"};
  return std::nullopt;
}

void check_files(const task_source& source, errors& found) {
  if (source.files.empty())
    found.push_back({"input.files", errc::invalid_argument,
                     "no file found; expected at least one"});
  if (source.files.size() > limits::jobs_per_task_max)
    found.push_back({"input.files", errc::limit_exceeded,
                     std::to_string(source.files.size())
                       + " files given; expected at most "
                       + std::to_string(limits::jobs_per_task_max)});
  std::size_t problems = 0;
  for (const auto& file : source.files) {
    auto problem = problem_of("input.files", file, true);
    if (problem && ++problems <= named_files_max)
      found.push_back(std::move(*problem));
  }
  if (problems > named_files_max)
    found.push_back({"input.files", errc::invalid_argument,
                     std::to_string(problems - named_files_max)
                       + " more files cannot be inputs, for reasons like"
                         " those of the first "
                       + std::to_string(named_files_max)});
}

/// Offsets are as split_lines() gives them, for a file of this size.
bool offsets_fit(const task_source& source, const source_file& file) {
  const auto& offsets = source.line_offsets;
  auto ascending =
    std::adjacent_find(offsets.begin(), offsets.end(), std::greater_equal<>{});
  return offsets.front() == 0 && ascending == offsets.end()
         && offsets.back() < file.bytes;
}

void check_line_chunks(const task_source& source, const source_file& file,
                       errors& found) {
  auto chunks = source.line_offsets.size();
  if (chunks > source.chunks)
    found.push_back({"input.lines", errc::invalid_argument,
                     quoted(file.path) + " is cut into "
                       + std::to_string(chunks) + " pieces; expected at most "
                       + std::to_string(source.chunks)});
  std::uint64_t largest = 0;
  for (std::size_t i = 0; i < chunks; ++i) {
    auto end = i + 1 < chunks ? source.line_offsets[i + 1] : file.bytes;
    largest = std::max(largest, end - source.line_offsets[i]);
  }
  if (largest > limits::input_bytes_max)
    found.push_back({"input.lines", errc::limit_exceeded,
                     "a piece of " + quoted(file.path) + " has "
                       + byte_count_text(largest) + "; expected at most "
                       + byte_count_text(limits::input_bytes_max)
                       + " a job: choose more chunks or shorter lines"});
}

void check_lines(const task_source& source, errors& found) {
  if (source.files.size() != 1) {
    found.push_back({"input.lines", errc::invalid_argument,
                     std::to_string(source.files.size())
                       + " files given; expected exactly one to cut into"
                         " pieces"});
    return;
  }
  const auto& file = source.files.front();
  if (auto problem = problem_of("input.lines", file, false))
    found.push_back(std::move(*problem));
  if (file.bytes == 0)
    found.push_back(
      {"input.lines", errc::invalid_argument,
       "file " + quoted(file.path) + " is empty; expected at least one line"});
  else if (source.line_offsets.empty() || !offsets_fit(source, file))
    found.push_back({"input.lines", errc::invalid_argument,
                     "the pieces of " + quoted(file.path)
                       + " do not fit its size; expected offsets that ascend"
                         " from 0 and lie within its "
                       + byte_count_text(file.bytes)});
  else
    check_line_chunks(source, file, found);
}

/// Which chunks to run, where not all of them are.
void check_selection(const task_source& source, errors& found) {
  const auto& only = source.only;
  if (only.empty())
    return;
  auto chunks = chunk_count(source);
  if (std::adjacent_find(only.begin(), only.end(), std::greater_equal<>{})
      != only.end())
    found.push_back({"input.only", errc::invalid_argument,
                     "the indexes of the chunks to run do not ascend;"
                     " expected each once, the smallest first"});
  auto largest = *std::max_element(only.begin(), only.end());
  if (largest >= chunks)
    found.push_back({"input.only", errc::out_of_range,
                     "chunk " + std::to_string(largest)
                       + " given; expected indexes below "
                       + std::to_string(chunks) + ", the number of chunks"});
}

} // namespace

void check_source(const task_source& source, errors& found) {
  check_single_kind(source, found);
  // One job a file: how many chunks are wanted plays no part there.
  if (source.kind != source_kind::files)
    check_number(found, "input.chunks", source.chunks, 1,
                 limits::jobs_per_task_max);
  switch (source.kind) {
    case source_kind::none: break;
    case source_kind::range: check_range(source, found); break;
    case source_kind::files: check_files(source, found); break;
    case source_kind::lines: check_lines(source, found); break;
  }
  check_selection(source, found);
}

} // namespace artel::validation
