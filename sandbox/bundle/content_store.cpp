#include "sandbox/bundle/content_store.hpp"

#include "sandbox/bundle/cache_directory.hpp"
#include "sandbox/process/spawn.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <limits>
#include <numeric>
#include <string>
#include <system_error>
#include <tuple>

#include <fcntl.h>
#include <sys/stat.h>

namespace artel::sandbox {

namespace fs = std::filesystem;

namespace {

/// Writing the largest content takes seconds on a slow disk.
constexpr std::chrono::milliseconds lock_patience{30'000};

/// A scan looks at every entry, so it gathers more than is evicted at once.
constexpr std::size_t candidates_max = 4096;

constexpr mode_t program_mode = 0555;

std::uint64_t total_of(const std::vector<entry_info>& entries) {
  return std::accumulate(entries.begin(), entries.end(), std::uint64_t{0},
                         [](std::uint64_t sum, const entry_info& one) {
                           return sum + one.size_bytes;
                         });
}

bool used_later(const entry_info& a, const entry_info& b) {
  return std::tie(a.used_ns, a.key) > std::tie(b.used_ns, b.key);
}

/// A name that no other pinned content of this process has.
fs::path pinned_path(const fs::path& directory) {
  static std::atomic<std::uint64_t> next{0};
  return directory / ("pinned-" + std::to_string(next++));
}

result<void> write_program(const fs::path& path, bytes_view content) {
  // A program can't be executed while any process has it open for writing.
  spawn_pause pause;
  descriptor file{::open(
    path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600)};
  if (!file.is_open())
    return system_error("cannot create '" + path.string() + "'");
  auto written = write_all(file, content);
  if (written && ::fchmod(file.number(), program_mode) != 0)
    written = system_error("cannot set the mode");
  if (!written) {
    ::unlink(path.c_str());
    return {written.error().code,
            "'" + path.string() + "': " + written.error().message};
  }
  return {};
}

} // namespace

pinned_content::~pinned_content() {
  if (!path_.empty())
    ::unlink(path_.c_str());
}

result<std::unique_ptr<content_store>>
content_store::open(content_store_config config) {
  auto root = open_cache_directory(config.directory);
  if (!root)
    return root.error();
  std::unique_ptr<content_store> store{
    new content_store{std::move(config), std::move(*root)}};
  auto ledger = store->lock();
  if (!ledger)
    return ledger.error();
  // The number in the ledger may be older than the last power failure.
  if (auto begun = ledger->begin_change(); !begun)
    return store->named(begun.error());
  auto used = store->begin_change(*ledger);
  if (!used)
    return used.error();
  if (auto fits = store->make_room(*used, 0); !fits)
    return store->named(fits.error());
  ledger->end_change(*used);
  return store;
}

content_store::content_store(content_store_config config, descriptor root)
  : config_(std::move(config)),
    root_(std::move(root)) {
  // nop
}

std::optional<bytes> content_store::find(const hash256& key) {
  auto entry = load_entry(root_, key, config_.bytes_max);
  if (entry.state == entry_state::damaged)
    entry = discard_damaged(key);
  if (entry.state != entry_state::sound)
    return std::nullopt;
  return std::move(entry.content);
}

result<pinned_content> content_store::pin(const hash256& key,
                                          const fs::path& into) {
  auto content = find(key);
  if (!content)
    return {errc::not_found, "nothing is kept under " + short_name(key)
                               + " in '" + config_.directory.string() + "'"};
  auto path = pinned_path(into);
  if (auto written = write_program(path, *content); !written)
    return written.error();
  return pinned_content{std::move(path)};
}

result<void> content_store::keep(const hash256& key, bytes_view content) {
  auto size = std::uint64_t{content.size()} + entry_header_bytes;
  if (size > config_.bytes_max)
    return {errc::limit_exceeded,
            std::to_string(content.size()) + " bytes can't be kept in '"
              + config_.directory.string() + "', which holds "
              + std::to_string(config_.bytes_max) + " bytes, "
              + std::to_string(entry_header_bytes) + " of them for itself"};
  auto digest = digest_of(key, content);
  if (touch_entry(root_, key, content.size(), digest))
    return {};
  std::lock_guard guard{mutex_};
  auto ledger = lock();
  if (!ledger)
    return ledger.error();
  // Somebody else may just have written it.
  if (touch_entry(root_, key, content.size(), digest))
    return {};
  auto used = begin_change(*ledger);
  if (!used)
    return used.error();
  *used -= std::min(*used, remove_entry(root_, key));
  auto done = make_room(*used, size);
  if (done)
    done = write_entry(root_, key, digest, content);
  ledger->end_change(done ? *used + size : *used);
  return done ? done : named(done.error());
}

void content_store::remove(const hash256& key) {
  std::lock_guard guard{mutex_};
  auto ledger = lock();
  if (!ledger)
    return;
  if (auto used = begin_change(*ledger))
    ledger->end_change(*used - std::min(*used, remove_entry(root_, key)));
}

std::uint64_t content_store::bytes_used() const {
  std::lock_guard guard{mutex_};
  if (auto ledger = lock())
    if (auto used = ledger->bytes_used())
      return *used;
  return total_of(list_entries(root_));
}

std::vector<hash256> content_store::keys() const {
  auto entries = list_entries(root_);
  std::sort(entries.begin(), entries.end(), used_later);
  std::vector<hash256> keys;
  keys.reserve(entries.size());
  for (const auto& one : entries)
    keys.push_back(one.key);
  return keys;
}

result<content_ledger> content_store::lock() const {
  auto ledger = content_ledger::lock(root_, lock_patience);
  return ledger ? std::move(ledger) : named(ledger.error());
}

result<std::uint64_t>
content_store::begin_change(content_ledger& ledger) const {
  auto used = ledger.bytes_used();
  if (auto begun = ledger.begin_change(); !begun)
    return named(begun.error());
  if (used)
    return *used;
  // Somebody died at work.
  remove_temporary_entry(root_);
  return total_of(list_entries(root_));
}

/// Evicts until `wanted` bytes more fit.
result<void> content_store::make_room(std::uint64_t& used,
                                      std::uint64_t wanted) {
  auto before = std::numeric_limits<std::uint64_t>::max();
  auto sparing = true;
  while (used > config_.bytes_max - wanted) {
    if (candidates_.empty()) {
      // Either all were used since the last scan, or none can be removed.
      if (used >= before && !std::exchange(sparing, false))
        return {errc::system_failure,
                "old entries can't be removed; see who owns them"};
      before = used = scan();
      continue;
    }
    const auto& oldest = candidates_.back();
    auto freed = sparing ? remove_unused_entry(root_, oldest)
                         : remove_entry(root_, oldest.key);
    used -= std::min(used, freed);
    candidates_.pop_back();
  }
  return {};
}

/// Gathers candidates; returns the bytes that are used.
std::uint64_t content_store::scan() {
  candidates_ = list_entries(root_);
  auto used = total_of(candidates_);
  std::sort(candidates_.begin(), candidates_.end(), used_later);
  if (candidates_.size() > candidates_max)
    candidates_.erase(candidates_.begin(),
                      candidates_.end()
                        - static_cast<std::ptrdiff_t>(candidates_max));
  return used;
}

/// What is there, once others can't change it any more.
loaded_entry content_store::discard_damaged(const hash256& key) {
  std::lock_guard guard{mutex_};
  auto ledger = lock();
  if (!ledger)
    return {};
  auto entry = load_entry(root_, key, config_.bytes_max);
  if (entry.state != entry_state::damaged)
    return entry;
  ++corruptions_;
  // Its size may have changed too: whoever is next counts again.
  if (auto begun = ledger->begin_change(); begun)
    remove_entry(root_, key);
  return {};
}

failure content_store::named(const failure& problem) const {
  return {problem.code,
          "cache '" + config_.directory.string() + "': " + problem.message};
}

} // namespace artel::sandbox
