// A set of numbers that come roughly in order: what lies below the watermark is
// in the set, and only what came early is stored. So a million settled jobs
// take no more memory than the window of those in flight.
#pragma once

#include <cstdint>
#include <set>

namespace artel {

class index_set {
public:
  /// False where the index is in the set already.
  bool insert(std::uint64_t index) {
    if (index < watermark_ || !early_.insert(index).second)
      return false;
    while (!early_.empty() && *early_.begin() == watermark_) {
      early_.erase(early_.begin());
      ++watermark_;
    }
    return true;
  }

  bool contains(std::uint64_t index) const {
    return index < watermark_ || early_.contains(index);
  }

  std::uint64_t size() const noexcept { return watermark_ + early_.size(); }

  /// Indexes held one by one: the memory this set takes.
  std::size_t stored() const noexcept { return early_.size(); }

private:
  std::uint64_t watermark_ = 0;
  std::set<std::uint64_t> early_;
};

} // namespace artel
