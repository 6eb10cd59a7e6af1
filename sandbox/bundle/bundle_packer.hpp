// Makes a code_bundle of files on disk.
#pragma once

#include "protocol/task/code_bundle.hpp"
#include "protocol/task/sandbox_terms.hpp"

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

namespace artel::sandbox {

/// What a packed root file system is called in its bundle.
inline constexpr std::string_view rootfs_file_name = "rootfs.tar";

struct pack_request {
  /// Relative paths are looked up in `directory` and packed; absolute paths
  /// are left to the worker's own system (below /usr, /bin, ...), or to the
  /// root file system where there is one.
  std::string program;
  /// Where the bundle is to run: a module need not be executable, a program
  /// must be.
  sandbox_kind sandbox = sandbox_kind::process;
  std::vector<std::string> arguments;
  /// Further files, relative to `directory`; packed under the same names.
  std::vector<std::string> files;
  std::filesystem::path directory;
  bytes standard_input;
  /// For containers: the tar of a root file system, as read_rootfs() gives it.
  /// Empty: none.
  bytes rootfs;
};

/// not_found: the program or a file does not exist; invalid_argument: not
/// executable (with the chmod that mends it), a WebAssembly module where none
/// is expected or no module where one is, a directory, an absolute path outside
/// what a sandbox shows, a relative path that leaves `directory`;
/// limit_exceeded: larger than limits::bundle_bytes_max.
result<code_bundle> pack_bundle(const pack_request& request);

/// Reads a tar file (plain or gzip), or packs a directory; `path` is relative
/// to `directory` and may not leave it. Errors as above, and invalid_argument
/// for a file that is no tar.
result<bytes> read_rootfs(const std::filesystem::path& directory,
                          const std::string& path);

} // namespace artel::sandbox
