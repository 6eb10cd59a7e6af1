// Bundles kept on disk, for all workers of this machine: a bundle that was
// fetched once need not travel again.
#pragma once

#include "actors/bundle_storage.hpp"
#include "sandbox/bundle/content_store.hpp"

#include <filesystem>
#include <memory>

namespace artel::runtime {

class disk_bundles final : public bundle_storage {
public:
  /// In `bundles` below the cache directory; system_failure, or what
  /// open_cache_directory() finds wrong with it.
  static result<std::shared_ptr<disk_bundles>>
  open(const std::filesystem::path& cache_directory);

  explicit disk_bundles(std::unique_ptr<sandbox::content_store> store)
    : store_(std::move(store)) {}

  std::optional<bytes> find(const hash256& id) override;
  void keep(const hash256& id, bytes_view encoded) override;

private:
  std::unique_ptr<sandbox::content_store> store_;
};

} // namespace artel::runtime
