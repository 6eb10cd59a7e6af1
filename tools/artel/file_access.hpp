// Reads and writes whole files for commands: within limits, never waiting for a
// pipe by mistake, and never leaving half a file behind.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/result.hpp"
#include "protocol/task/output_file.hpp"

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

namespace artel::tools {

/// A regular file of at most so many bytes; "-" is standard input where
/// `dash_is_input`. Errors begin with `what` and the path. not_found,
/// invalid_argument (a directory, a pipe, a device), limit_exceeded,
/// system_failure.
result<bytes> read_whole_file(const std::string& what, const std::string& path,
                              std::uint64_t bytes_max,
                              bool dash_is_input = false);

/// The file appears whole or not at all. already_exists where there is one and
/// `replace` doesn't allow to replace it.
result<void> write_whole_file(const std::filesystem::path& path,
                              bytes_view data, bool replace);

/// Writes the output files of a run below a directory, which is made where
/// there is none. Before anything is written, names are checked, and
/// (unless `replace`) that none of them exists.
result<void> write_output_files(const std::filesystem::path& directory,
                                const std::vector<output_file>& files,
                                bool replace);

} // namespace artel::tools
