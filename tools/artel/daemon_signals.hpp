// What tells a daemon to stop or to read its settings again.
#pragma once

#include <chrono>
#include <cstdint>

namespace artel::tools {

enum class daemon_signal : std::uint8_t {
  /// SIGTERM or SIGINT.
  stop = 1,
  /// SIGHUP.
  reload,
};

/// While it lives, signals are noted for wait(); a second one to stop ends the
/// process at once. One at a time, made before threads are.
class daemon_signals {
public:
  daemon_signals();
  ~daemon_signals();
  daemon_signals(const daemon_signals&) = delete;
  daemon_signals& operator=(const daemon_signals&) = delete;

  /// The next signal; nothing where none came in time.
  bool wait(std::chrono::milliseconds patience, daemon_signal& signal);
};

} // namespace artel::tools
