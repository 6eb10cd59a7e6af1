// Bundles unpacked on disk, read-only: each once, however many runs use it and
// however many threads ask for it at once.
#pragma once

#include "protocol/core/ids.hpp"
#include "protocol/task/code_bundle.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

namespace artel::sandbox {

/// Removed from disk when the last run that uses it lets go.
struct unpacked_bundle {
  std::filesystem::path directory;
  /// The first parts of all names, each once.
  std::vector<std::string> top_level_names;
  std::uint64_t size_bytes = 0;

  ~unpacked_bundle();
};

class bundle_store {
public:
  /// The directory exists and outlives the store.
  explicit bundle_store(std::filesystem::path directory);

  /// The error of validate(), or system_failure. The bundle must not change
  /// afterwards. A bundle that was used lately costs next to nothing.
  result<std::shared_ptr<const unpacked_bundle>>
  get(const std::shared_ptr<const code_bundle>& bundle);

private:
  struct entry {
    hash256 hash;
    /// The object last seen with this content: spares hashing it again.
    std::weak_ptr<const code_bundle> source;
    std::shared_ptr<const unpacked_bundle> unpacked;
  };

  std::size_t find_source(const std::shared_ptr<const code_bundle>& bundle);
  /// Makes the entry the latest, drops the oldest ones that don't fit.
  std::shared_ptr<const unpacked_bundle> use(std::size_t index);

  std::filesystem::path directory_;
  std::mutex mutex_;
  /// The latest used last.
  std::vector<entry> entries_;
  std::uint64_t next_number_ = 0;
};

} // namespace artel::sandbox
