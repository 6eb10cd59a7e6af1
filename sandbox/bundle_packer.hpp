// Makes a code_bundle of files on disk.
#pragma once

#include "protocol/task/code_bundle.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace artel::sandbox {

struct pack_request {
  /// Relative paths are looked up in `directory` and packed; absolute paths
  /// (below /usr, /bin, ...) are left to the worker's own system.
  std::string program;
  std::vector<std::string> arguments;
  /// Further files, relative to `directory`; packed under the same names.
  std::vector<std::string> files;
  std::filesystem::path directory;
  bytes standard_input;
};

/// not_found: the program or a file does not exist; invalid_argument: not
/// executable (with the chmod that mends it), a directory, an absolute path
/// outside what a sandbox shows, a relative path that leaves `directory`;
/// limit_exceeded: larger than limits::bundle_bytes_max.
result<code_bundle> pack_bundle(const pack_request& request);

} // namespace artel::sandbox
