// The bundles a worker has in memory, those in its storage, and those it is
// fetching piece by piece. Bounded: least recently used first out. Not an
// actor: part of the worker's state.
#pragma once

#include "actors/bundle_storage.hpp"
#include "protocol/core/bytes.hpp"
#include "protocol/core/ids.hpp"
#include "protocol/core/time.hpp"
#include "protocol/task/code_bundle.hpp"
#include "protocol/wire/messages.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
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

  /// Whether find() would find it; does not ask the storage for what is being
  /// fetched, which it doesn't have.
  bool has(const hash256& id) {
    return !fetching_.contains(id) && find(id) != nullptr;
  }

  /// Starts to fetch; false where that is under way already.
  bool begin(const hash256& id, std::uint64_t bundle_bytes, instant now);

  /// Takes a piece and says what is needed next: another piece, or nothing.
  /// When the bundle is whole and its hash is right, find() knows it from then
  /// on. Errors end the fetching: not_found (the owner has none), malformed,
  /// bad_signature (another hash), limit_exceeded.
  result<std::optional<wire::bundle_request>>
  on_piece(const wire::bundle_piece& piece, instant now);

  /// Requests whose answer is overdue, to be sent again.
  std::vector<wire::bundle_request> overdue(instant now, milliseconds after);

  /// Most recently used first, at most limits::cached_bundles_listed_max.
  std::vector<hash256> ids() const;

private:
  struct entry {
    std::shared_ptr<const code_bundle> bundle;
    std::size_t bytes = 0;
    std::uint64_t last_use = 0;
  };
  struct fetch {
    std::uint64_t total = 0;
    bytes data;
    instant asked{};
  };

  std::shared_ptr<const code_bundle> load(const hash256& id);
  void keep(const hash256& id, code_bundle bundle, std::size_t size);

  std::shared_ptr<bundle_storage> storage_;
  std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  std::uint64_t uses_ = 0;
  std::map<hash256, entry> entries_;
  std::map<hash256, fetch> fetching_;
};

} // namespace artel
