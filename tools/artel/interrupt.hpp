// Ctrl-C and its like: the first stops what runs in an orderly way, the second
// ends the process at once.
#pragma once

#include <atomic>
#include <stop_token>
#include <string>
#include <thread>

namespace artel::tools {

/// While it lives, SIGINT, SIGTERM and SIGHUP request a stop. One at a time.
/// Signals that were ignored when the process started stay ignored.
class interrupt_guard {
public:
  /// The message tells that the first signal was heard, and what happens now.
  explicit interrupt_guard(std::string message);
  interrupt_guard(const interrupt_guard&) = delete;
  interrupt_guard& operator=(const interrupt_guard&) = delete;
  ~interrupt_guard();

  std::stop_token token() const noexcept { return source_.get_token(); }

private:
  void watch();

  std::string message_;
  std::stop_source source_;
  std::thread watcher_;
};

/// A closed pipe is an error of writing, not the end of the process.
void survive_closed_pipes();

} // namespace artel::tools
