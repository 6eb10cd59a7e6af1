#include "actors/bundle_cache.hpp"

#include "protocol/core/limits.hpp"

#include <algorithm>

namespace artel {

const bundle_cache::entry* bundle_cache::look_up(const hash256& id) {
  auto found = entries_.find(id);
  if (found == entries_.end() && storage_) {
    // What a disk gives back is believed no more than what a peer sends.
    if (auto encoded = storage_->find(id); encoded && keep(id, *encoded))
      found = entries_.find(id);
  }
  if (found == entries_.end())
    return nullptr;
  found->second.last_use = ++uses_;
  return &found->second;
}

std::shared_ptr<const code_bundle> bundle_cache::find(const hash256& id) {
  const auto* known = look_up(id);
  return known == nullptr ? nullptr : known->bundle;
}

std::shared_ptr<const blob_content> bundle_cache::encoded(const hash256& id) {
  const auto* known = look_up(id);
  return known == nullptr
           ? nullptr
           : std::make_shared<const blob_content>(*known->encoded);
}

result<void> bundle_cache::add(const hash256& id, bytes encoded) {
  auto kept = keep(id, std::move(encoded));
  if (kept && storage_)
    storage_->keep(id, *entries_[id].encoded->content());
  return kept;
}

result<void> bundle_cache::keep(const hash256& id, bytes encoded) {
  auto content = std::make_shared<const blob_content>(
    std::make_shared<const bytes>(std::move(encoded)));
  if (content->ref().id != id)
    return {errc::bad_signature, "the bundle has another hash"};
  auto bundle = decode_bundle(*content->content());
  if (!bundle)
    return bundle.error();
  // Both forms of it are there.
  auto size = 2 * content->content()->size();
  auto& place = entries_[id];
  bytes_ += size - place.bytes;
  place = {std::make_shared<const code_bundle>(std::move(*bundle)),
           std::move(content), size, ++uses_};
  while (bytes_ > bytes_max_ && entries_.size() > 1) {
    auto oldest = std::min_element(
      entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
        return a.second.last_use < b.second.last_use;
      });
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
  }
  return {};
}

std::vector<hash256> bundle_cache::ids() const {
  std::vector<std::pair<std::uint64_t, hash256>> by_use;
  for (const auto& [id, one] : entries_)
    by_use.emplace_back(one.last_use, id);
  std::sort(by_use.rbegin(), by_use.rend());
  if (by_use.size() > limits::cached_bundles_listed_max)
    by_use.resize(limits::cached_bundles_listed_max);
  std::vector<hash256> result;
  for (const auto& [use, id] : by_use)
    result.push_back(id);
  return result;
}

} // namespace artel
