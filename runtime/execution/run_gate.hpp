// Lets a number of runs go at a time, over all executors that share it: so that
// the slots of many nodes in one process don't ask for more cores than there
// are.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <stop_token>

namespace artel::runtime {

class run_gate {
public:
  explicit run_gate(std::size_t places) : free_(places) {}

  /// Waits for a place. False where stop was requested first.
  bool enter(const std::stop_token& stop) {
    std::unique_lock lock{mutex_};
    if (!changed_.wait(lock, stop, [this] { return free_ > 0; }))
      return false;
    --free_;
    return true;
  }

  void leave() {
    {
      std::lock_guard guard{mutex_};
      ++free_;
    }
    changed_.notify_one();
  }

private:
  std::mutex mutex_;
  std::condition_variable_any changed_;
  std::size_t free_;
};

} // namespace artel::runtime
