#include "actors/bundle_cache.hpp"

#include "protocol/core/limits.hpp"

#include <algorithm>

namespace artel {

std::shared_ptr<const code_bundle> bundle_cache::find(const hash256& id) {
  auto found = entries_.find(id);
  if (found == entries_.end())
    return load(id);
  found->second.last_use = ++uses_;
  return found->second.bundle;
}

std::shared_ptr<const code_bundle> bundle_cache::load(const hash256& id) {
  if (!storage_)
    return nullptr;
  auto encoded = storage_->find(id);
  if (!encoded)
    return nullptr;
  auto bundle = decode_bundle(*encoded);
  // What a disk gives back is believed no more than what a peer sends.
  if (!bundle || hash_of(*bundle) != id)
    return nullptr;
  keep(id, std::move(*bundle), encoded->size());
  return entries_[id].bundle;
}

bool bundle_cache::begin(const hash256& id, std::uint64_t bundle_bytes,
                         instant now) {
  auto [place, fresh] = fetching_.try_emplace(id);
  if (fresh) {
    place->second.total = bundle_bytes;
    place->second.asked = now;
  }
  return fresh;
}

result<std::optional<wire::bundle_request>>
bundle_cache::on_piece(const wire::bundle_piece& piece, instant now) {
  auto found = fetching_.find(piece.bundle);
  if (found == fetching_.end())
    return std::optional<wire::bundle_request>{};
  auto& current = found->second;
  auto fail = [&](errc code, std::string message) {
    fetching_.erase(found);
    return failure{code, std::move(message)};
  };
  if (piece.total_bytes == 0)
    return fail(errc::not_found, "the owner does not have the bundle");
  if (piece.total_bytes != current.total
      || piece.total_bytes > limits::bundle_bytes_max)
    return fail(errc::limit_exceeded,
                "the bundle is not as large as its task said");
  // A piece that was asked for twice comes twice.
  if (piece.offset != current.data.size())
    return std::optional<wire::bundle_request>{};
  if (piece.data.empty()
      || piece.data.size() > current.total - current.data.size())
    return fail(errc::malformed, "a piece of the bundle has a wrong size");
  current.data.insert(current.data.end(), piece.data.begin(), piece.data.end());
  current.asked = now;
  if (current.data.size() < current.total)
    return std::optional{
      wire::bundle_request{piece.bundle, current.data.size()}};
  auto bundle = decode_bundle(current.data);
  if (!bundle)
    return fail(errc::malformed, bundle.error().message);
  if (hash_of(*bundle) != piece.bundle)
    return fail(errc::bad_signature, "the bundle has another hash");
  if (storage_)
    storage_->keep(piece.bundle, current.data);
  keep(piece.bundle, std::move(*bundle), current.data.size());
  fetching_.erase(found);
  return std::optional<wire::bundle_request>{};
}

std::vector<wire::bundle_request> bundle_cache::overdue(instant now,
                                                        milliseconds after) {
  std::vector<wire::bundle_request> requests;
  for (auto& [id, current] : fetching_) {
    if (now - current.asked < after)
      continue;
    current.asked = now;
    requests.push_back({id, current.data.size()});
  }
  return requests;
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

void bundle_cache::keep(const hash256& id, code_bundle bundle,
                        std::size_t size) {
  bytes_ += size;
  entries_[id] = {std::make_shared<const code_bundle>(std::move(bundle)), size,
                  ++uses_};
  while (bytes_ > bytes_max_ && entries_.size() > 1) {
    auto oldest = std::min_element(
      entries_.begin(), entries_.end(), [](const auto& a, const auto& b) {
        return a.second.last_use < b.second.last_use;
      });
    bytes_ -= oldest->second.bytes;
    entries_.erase(oldest);
  }
}

} // namespace artel
