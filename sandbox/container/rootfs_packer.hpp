// Makes the tar file of a root file system out of a directory.
#pragma once

#include "protocol/core/bytes.hpp"
#include "protocol/core/limits.hpp"

#include <cstddef>
#include <filesystem>

namespace artel::sandbox {

/// A gzipped tar of all below the directory that unpack_rootfs() takes. The
/// same content gives the same bytes, whoever packs it and when: sorted, no
/// owners, no times, no modes but executable or not; hard links become files of
/// their own. invalid_argument: devices, pipes, sockets, names too long;
/// limit_exceeded: more than packed_bytes_max when packed, or more than workers
/// unpack; system_failure: something can't be read.
result<bytes>
pack_rootfs(const std::filesystem::path& directory,
            std::size_t packed_bytes_max = limits::bundle_bytes_max);

} // namespace artel::sandbox
