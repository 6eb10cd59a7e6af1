// Root file systems of containers: tar files (plain or gzip) from other nodes,
// unpacked such that they can harm nothing.
#pragma once

#include "protocol/core/bytes.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>

namespace artel::sandbox {

struct rootfs_limits {
  /// Of all files; a hole counts like data.
  std::uint64_t total_bytes_max = 256u << 20;
  /// Directories that no entry names, but that lead to one, count too.
  std::size_t entries_max = 65'536;
  /// A whole path.
  std::size_t name_bytes_max = 1024;
  std::size_t depth_max = 64;
};

struct rootfs_summary {
  std::uint64_t total_bytes = 0;
  std::size_t entries = 0;
};

/// Makes the directory, which must not exist, and fills it: files, directories,
/// symbolic links, hard links to files before them. What comes later in the
/// archive replaces what has its name, but no directory. Nothing is ever put
/// through a link. Owners, setuid and the like are dropped; all is readable,
/// files are read-only, links are left to the container to resolve.
///
/// malformed: no tar, or a broken one; invalid_argument: devices, pipes,
/// sockets, absolute names, "..", with the entry's name; limit_exceeded. Then
/// nothing is left behind.
result<rootfs_summary> unpack_rootfs(bytes_view tar,
                                     const std::filesystem::path& directory,
                                     const rootfs_limits& limits);

} // namespace artel::sandbox
