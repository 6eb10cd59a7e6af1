#include "actors/blob_shelf.hpp"

#include <algorithm>

namespace artel {

void blob_shelf::put(const std::shared_ptr<const blob_content>& blob) {
  std::lock_guard lock{mutex_};
  auto& holders = blobs_[blob->ref().id];
  std::erase_if(holders, [](const auto& one) { return one.expired(); });
  holders.emplace_back(blob);
  // Now and then, so that it costs next to nothing each time.
  if (blobs_.size() >= sweep_at_)
    drop_expired();
}

std::shared_ptr<const blob_content> blob_shelf::find(const hash256& id) const {
  std::lock_guard lock{mutex_};
  auto found = blobs_.find(id);
  if (found == blobs_.end())
    return nullptr;
  for (const auto& one : found->second)
    if (auto blob = one.lock())
      return blob;
  return nullptr;
}

std::size_t blob_shelf::size() const {
  std::lock_guard lock{mutex_};
  std::size_t count = 0;
  for (const auto& [id, holders] : blobs_)
    count += std::any_of(holders.begin(), holders.end(),
                         [](const auto& one) { return !one.expired(); });
  return count;
}

void blob_shelf::drop_expired() {
  for (auto& [id, holders] : blobs_)
    std::erase_if(holders, [](const auto& one) { return one.expired(); });
  std::erase_if(blobs_, [](const auto& item) { return item.second.empty(); });
  sweep_at_ = std::max<std::size_t>(64, 2 * blobs_.size());
}

} // namespace artel
