// Task files: TOML on disk to a task_spec with its bundles. Also what command
// lines override, so that a file and flags go through the same checks.
#pragma once

#include "protocol/task/task_spec.hpp"
#include "runtime/config/config_problem.hpp"
#include "runtime/config/units_text.hpp"
#include "runtime/launch/embedded_network.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace artel::runtime {

/// A task in the words of its file; nothing is looked up on disk yet.
struct task_description {
  /// Relative paths are relative to this. Absolute.
  std::filesystem::path directory;
  std::string name;
  std::optional<task_type> type;
  /// [input], of which one: range "A..B" or files (globs) or lines (a file) or
  /// urls (each with its hash).
  std::optional<std::string> range;
  std::vector<std::string> files;
  std::optional<std::string> lines;
  std::vector<std::string> urls;
  /// How many jobs at most, or how much a job gets at most: numbers of the
  /// range, lines of the file.
  std::optional<std::uint64_t> chunks;
  std::optional<std::uint64_t> chunk_size;
  /// [code]: one of kernel and program.
  std::optional<std::string> kernel;
  std::optional<std::string> program;
  std::vector<std::string> arguments;
  std::vector<std::string> extra_files;
  std::optional<std::string> standard_input;
  /// [sandbox]: how the program is run; the root file system is a tar file or
  /// a directory.
  sandbox_terms sandbox;
  std::optional<std::string> rootfs;
  /// [reduce]; its program has a sandbox of its own kind, else what [sandbox]
  /// says.
  std::optional<reduce_operation> reduce;
  std::optional<std::string> reduce_program;
  std::vector<std::string> reduce_arguments;
  std::vector<std::string> reduce_files;
  sandbox_kind reduce_sandbox = sandbox_kind::process;
  /// All else, with its defaults.
  task_spec settings;

  /// What the file was called by whoever named it; empty without one.
  std::string file_name;
  /// Where a field was given: "input.range" -> "primes.toml:12:1", "--range".
  std::map<std::string, std::string> places;
  /// Fields that a problem was already told of: what follows from that is not.
  std::set<std::string> unsound;
};

/// Reads a file. Every problem is told at once, unknown keys with their line
/// and what was probably meant. Nothing where it can't be read or is no TOML;
/// else what was sound, so that prepare() can tell further problems.
std::optional<task_description>
read_task_file(const std::filesystem::path& path,
               std::vector<config_problem>& problems);

/// The same from text; `file_name` is for messages.
std::optional<task_description>
parse_task_text(std::string_view text, const std::string& file_name,
                const std::filesystem::path& directory,
                std::vector<config_problem>& problems);

/// The text of a task file that reads as the same description (places apart).
/// All strings must be UTF-8, as those of a prepared task are.
std::string write_task_text(const task_description& task);

/// Packs bundles, expands globs (sorted), cuts lines, fills the spec, and
/// validates it. Problems are appended; the value is only there without any,
/// those that were in `problems` before included.
///
/// Where the description leaves them open: the type follows from input and
/// reduce step, a range or a file's lines make 100 jobs at most, and the name
/// is the file's, the program's or the kernel's.
///
/// With `known_source` the input is that one, as a retry needs it: nothing of
/// [input] is looked up again.
std::optional<submission> prepare(const task_description& task,
                                  std::vector<config_problem>& problems,
                                  const task_source* known_source = nullptr);

} // namespace artel::runtime
