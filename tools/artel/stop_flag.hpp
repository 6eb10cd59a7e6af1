// Ctrl-C and its like for commands that start copies of this process: no thread
// may exist there, so the signals set a flag that is looked at. (All others use
// interrupt_guard.)
#pragma once

namespace artel::tools {

/// While it lives, the first SIGINT, SIGTERM or SIGHUP is noted, and the second
/// ends the process at once. One at a time. Signals that were ignored when the
/// process started stay ignored.
class stop_flag {
public:
  stop_flag();
  ~stop_flag();
  stop_flag(const stop_flag&) = delete;
  stop_flag& operator=(const stop_flag&) = delete;

  bool is_set() const noexcept;
};

} // namespace artel::tools
