// The bundles a worker has in memory, with the bytes they came in, and those in
// its storage. Bounded: least recently used first out. Not an actor: part of
// the worker's state.
#pragma once

#include "actors/bundle_storage.hpp"
#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/result.hpp"
#include "protocol/task/blob.hpp"
#include "protocol/task/code_bundle.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace artel {

class bundle_cache {
public:
  explicit bundle_cache(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  /// Null: there is none.
  void set_storage(std::shared_ptr<bundle_storage> storage) {
    storage_ = std::move(storage);
  }

  /// The bundle, or null. Counts as a use. What is in the storage alone comes
  /// from there, checked against its hash.
  std::shared_ptr<const code_bundle> find(const hash256& id);

  /// Its encoding, a view of the cache's own that keeps it alive; null where
  /// find() would give nothing.
  std::shared_ptr<const blob_content> encoded(const hash256& id);

  /// Takes a bundle that was fetched: find() knows it from then on. malformed,
  /// limit_exceeded; bad_signature where it has another hash.
  result<void> add(const hash256& id, bytes encoded);

  /// Most recently used first, at most limits::cached_bundles_listed_max.
  std::vector<hash256> ids() const;

private:
  struct entry {
    std::shared_ptr<const code_bundle> bundle;
    /// Shares its bytes with every copy.
    std::shared_ptr<const blob_content> encoded;
    std::size_t bytes = 0;
    std::uint64_t last_use = 0;
  };

  const entry* look_up(const hash256& id);
  result<void> keep(const hash256& id, bytes encoded);

  std::shared_ptr<bundle_storage> storage_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t uses_ = 0;
  std::map<hash256, entry> entries_;
};

} // namespace artel
