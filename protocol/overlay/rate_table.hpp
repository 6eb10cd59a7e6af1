// A token bucket for each key, such as a peer or an address, within bounded
// memory: keys that used nothing lately are dropped when room is needed, and
// those for which there is none share one bucket, so that many new keys don't
// buy more than one.
#pragma once

#include "protocol/core/time.hpp"
#include "protocol/overlay/token_bucket.hpp"

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <map>

namespace artel {

template <class Key>
class rate_table {
public:
  rate_table(const token_terms& terms, std::size_t keys_max, instant now)
    : terms_(terms),
      keys_max_(keys_max),
      shared_(terms, now) {}

  bool admits(const Key& key, std::uint64_t cost, instant now) {
    return bucket_of(key, now).admits(cost, now);
  }

  std::size_t size() const noexcept { return buckets_.size(); }

  void check_invariants() const { assert(buckets_.size() <= keys_max_); }

private:
  /// Looking for keys to drop takes a walk through all.
  static constexpr milliseconds time_between_walks{1'000};

  token_bucket& bucket_of(const Key& key, instant now) {
    auto found = buckets_.find(key);
    if (found != buckets_.end())
      return found->second;
    if (buckets_.size() >= keys_max_ && now >= next_walk_) {
      std::erase_if(buckets_,
                    [now](const auto& one) { return one.second.is_full(now); });
      next_walk_ = now + time_between_walks;
    }
    if (buckets_.size() >= keys_max_)
      return shared_;
    return buckets_.emplace(key, token_bucket{terms_, now}).first->second;
  }

  token_terms terms_;
  std::size_t keys_max_;
  std::map<Key, token_bucket> buckets_;
  token_bucket shared_;
  instant next_walk_{};
};

} // namespace artel
