#include "runtime/execution/disk_bundles.hpp"

#include <utility>

namespace artel::runtime {

namespace {

constexpr std::uint64_t cache_bytes_max = std::uint64_t{1} << 30;

} // namespace

result<std::shared_ptr<disk_bundles>>
disk_bundles::open(const std::filesystem::path& cache_directory) {
  auto store = sandbox::content_store::open(
    {cache_directory / "bundles", cache_bytes_max});
  if (!store)
    return store.error();
  return std::make_shared<disk_bundles>(std::move(*store));
}

std::optional<bytes> disk_bundles::find(const hash256& id) {
  return store_->find(id);
}

void disk_bundles::keep(const hash256& id, bytes_view encoded) {
  // Not kept is as if it were dropped at once: it is fetched again.
  [[maybe_unused]] auto kept = store_->keep(id, encoded);
}

} // namespace artel::runtime
