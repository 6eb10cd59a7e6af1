// Task files: TOML on disk to a task_spec with its bundles. Also what command
// lines override, so that a file and flags go through the same checks.
#pragma once

#include "protocol/task/task_spec.hpp"
#include "runtime/launch/embedded_network.hpp"

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace artel::runtime {

/// One problem with a task file or flag, with its place.
struct config_problem {
  /// "primes.toml:12:1", "--range", or empty.
  std::string where;
  errc code{};
  std::string message;
};

/// A task in the words of its file; nothing is looked up on disk yet.
struct task_description {
  /// Relative paths are relative to this.
  std::filesystem::path directory;
  std::string name;
  std::optional<task_type> type;
  /// [input], of which one: range "A..B" or files (globs) or lines (a file).
  std::optional<std::string> range;
  std::vector<std::string> files;
  std::optional<std::string> lines;
  std::optional<std::uint64_t> chunks;
  std::optional<std::uint64_t> chunk_size;
  /// [code]: one of kernel and program.
  std::optional<std::string> kernel;
  std::optional<std::string> program;
  std::vector<std::string> arguments;
  std::vector<std::string> extra_files;
  std::optional<std::string> standard_input;
  /// [reduce]
  std::optional<reduce_operation> reduce;
  std::optional<std::string> reduce_program;
  std::vector<std::string> reduce_arguments;
  std::vector<std::string> reduce_files;
  /// All else, with its defaults.
  task_spec settings;
};

/// Reads a file. Every problem is told at once, unknown keys with their line
/// and what was probably meant.
result<task_description> read_task_file(const std::filesystem::path& path,
                                        std::vector<config_problem>& problems);

/// Packs bundles, expands globs (sorted), cuts lines, fills the spec, and
/// validates it. Problems are appended; the value is only there without any.
std::optional<submission> prepare(const task_description& task,
                                  std::vector<config_problem>& problems);

/// Sizes and times as people write them: "256MiB", "64 KB", "1500"; "10s",
/// "500ms", "2m", "1h30m".
result<std::uint64_t> parse_bytes(std::string_view text);
result<milliseconds> parse_duration(std::string_view text);

/// "1..1000" (both included), also with underscores or 10^9 and 1e9.
struct number_range {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
};
result<number_range> parse_range(std::string_view text);

} // namespace artel::runtime
