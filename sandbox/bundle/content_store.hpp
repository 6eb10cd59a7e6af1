// Content kept on disk by key, up to a number of bytes: what was used least
// lately goes first. What was not read back as it was written counts as absent.
// For several threads and several processes at once on one directory; a kill at
// any moment leaves it sound.
#pragma once

#include "protocol/core/ids.hpp"
#include "sandbox/bundle/content_entry.hpp"
#include "sandbox/bundle/content_ledger.hpp"
#include "sandbox/descriptor.hpp"

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

namespace artel::sandbox {

struct content_store_config {
  std::filesystem::path directory;
  /// What all entries may take, each with 48 bytes beside its content.
  std::uint64_t bytes_max = std::uint64_t{1} << 30;
};

/// A file with the content, the holder's own; removed with this object.
class pinned_content {
public:
  explicit pinned_content(std::filesystem::path path)
    : path_(std::move(path)) {}
  pinned_content(pinned_content&& other) noexcept
    : path_(std::exchange(other.path_, {})) {}
  pinned_content& operator=(pinned_content&& other) noexcept {
    std::swap(path_, other.path_);
    return *this;
  }
  ~pinned_content();

  const std::filesystem::path& path() const noexcept { return path_; }

private:
  std::filesystem::path path_;
};

class content_store {
public:
  /// Makes the directory where it is missing, removes what writers that were
  /// killed left, and evicts what doesn't fit. Errors as those of
  /// open_cache_directory(), system_failure, and timed_out where another
  /// process holds the store's lock for half a minute.
  static result<std::unique_ptr<content_store>>
  open(content_store_config config);

  /// The content, or nothing; counts as a use. Waits for nobody.
  std::optional<bytes> find(const hash256& key);

  /// The content as a file (mode 0555) in `into`, a directory of the caller's
  /// own: a copy, so that it stays whatever becomes of the entry, and that a
  /// sandbox may execute it. not_found, or system_failure.
  result<pinned_content> pin(const hash256& key,
                             const std::filesystem::path& into);

  /// All or nothing. Replaces other content of this key. Costs no more than a
  /// hash where it is there already, and counts as a use. limit_exceeded for
  /// content larger than the store, system_failure, timed_out as open().
  result<void> keep(const hash256& key, bytes_view content);

  void remove(const hash256& key);

  /// The sizes of all entries. Damaged ones count until they are found out.
  std::uint64_t bytes_used() const;

  /// The latest used first.
  std::vector<hash256> keys() const;

  /// How many damaged entries this object found.
  std::uint64_t corruptions() const noexcept { return corruptions_; }

private:
  content_store(content_store_config config, descriptor root);

  result<content_ledger> lock() const;
  /// How many bytes are used, now that a change begins.
  result<std::uint64_t> begin_change(content_ledger& ledger) const;
  result<void> make_room(std::uint64_t& used, std::uint64_t wanted);
  std::uint64_t scan();
  loaded_entry discard_damaged(const hash256& key);
  failure named(const failure& problem) const;

  content_store_config config_;
  descriptor root_;
  /// Before the ledger's lock, so that threads of one process queue up.
  mutable std::mutex mutex_;
  /// Some that were used least lately, the first to go last. All others were
  /// used later; one of these may have been meanwhile.
  std::vector<entry_info> candidates_;
  std::atomic<std::uint64_t> corruptions_{0};
};

} // namespace artel::sandbox
