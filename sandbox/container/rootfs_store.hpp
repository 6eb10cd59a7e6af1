// Root file systems unpacked on disk, read-only: each once, however many runs
// use it and however many threads ask for it at once.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/task/code_bundle.hpp"
#include "sandbox/container/rootfs.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <vector>

namespace artel::sandbox {

/// Removed from disk when the last run that uses it lets go.
struct unpacked_rootfs {
  std::filesystem::path directory;
  rootfs_summary summary;

  ~unpacked_rootfs();
};

using shared_rootfs = std::shared_ptr<const unpacked_rootfs>;

class rootfs_store {
public:
  /// The directory exists and outlives the store.
  explicit rootfs_store(std::filesystem::path directory,
                        rootfs_limits limits = {});

  /// The file that bundle->rootfs names, unpacked and ready to be mounted on;
  /// the errors of unpack_rootfs() and add_mount_points(). The bundle must not
  /// change afterwards.
  result<shared_rootfs> get(const std::shared_ptr<const code_bundle>& bundle);

private:
  /// Threads that want the same one wait for whoever is first.
  struct slot {
    std::mutex mutex;
    shared_rootfs unpacked;
  };

  struct entry {
    hash256 hash;
    /// The object last seen with this content: spares hashing it again.
    std::weak_ptr<const code_bundle> source;
    std::shared_ptr<slot> place;
    std::uint64_t size_bytes = 0;
  };

  std::shared_ptr<slot>
  find_slot(const std::shared_ptr<const code_bundle>& bundle, bytes_view tar);
  result<shared_rootfs> unpack(bytes_view tar);
  void forget(const slot& failed);
  /// Drops the oldest ones that don't fit.
  void note_size(const slot& used, std::uint64_t size_bytes);

  std::filesystem::path directory_;
  rootfs_limits limits_;
  std::mutex mutex_;
  /// The latest used last.
  std::vector<entry> entries_;
  std::uint64_t next_number_ = 0;
};

/// Directories and files that a container's mounts cover, because the root is
/// read-only: /proc, /dev, /work, /job, /input, /output, /artel-shim; and /tmp
/// as a link to /work, where it is missing or empty. invalid_argument where
/// one is there as something else.
result<void> add_mount_points(const std::filesystem::path& rootfs);

} // namespace artel::sandbox
