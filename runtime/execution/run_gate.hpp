// Holds back runs until there is room for them in this machine's share: cores
// and memory, over all executors that ask. So the slots of many nodes in one
// process don't take more than there is.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <list>
#include <mutex>
#include <stop_token>

namespace artel::runtime {

class run_gate {
public:
  static constexpr auto no_memory_bound =
    std::numeric_limits<std::uint64_t>::max();

  explicit run_gate(std::size_t places,
                    std::uint64_t memory_bytes = no_memory_bound)
    : places_(places),
      memory_bytes_(memory_bytes) {}

  /// Waits for a place and memory; first come, first served, so that large
  /// runs aren't passed by for ever. What asks for more memory than there is in
  /// all waits until it is alone. False where stop was requested first.
  bool enter(std::uint64_t memory_bytes, const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    auto ticket = waiting_.insert(waiting_.end(), memory_bytes);
    auto entered = changed_.wait(lock, stop, [&] {
      return ticket == waiting_.begin() && has_room(memory_bytes);
    });
    waiting_.erase(ticket);
    if (entered) {
      --places_;
      ++inside_;
      memory_used_ += memory_bytes;
    }
    // Whoever is first now may find room too.
    changed_.notify_all();
    return entered;
  }

  /// With what it entered with.
  void leave(std::uint64_t memory_bytes) {
    {
      std::lock_guard guard{mutex_};
      ++places_;
      --inside_;
      memory_used_ -= memory_bytes;
    }
    changed_.notify_all();
  }

private:
  bool has_room(std::uint64_t memory_bytes) const noexcept {
    return places_ > 0
           && (inside_ == 0
               || (memory_used_ <= memory_bytes_
                   && memory_bytes <= memory_bytes_ - memory_used_));
  }

  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t places_;
  std::uint64_t memory_bytes_;
  std::size_t inside_ = 0;
  std::uint64_t memory_used_ = 0;
  /// What the waiting ask for, the first come first.
  std::list<std::uint64_t> waiting_;
};

} // namespace artel::runtime
