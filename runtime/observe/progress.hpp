// How a task's progress is shown: one live line on a terminal, a plain line
// every few seconds elsewhere.
#pragma once

#include "actors/events.hpp"

#include <cstddef>
#include <optional>
#include <string>

namespace artel::runtime {

/// "120/200 jobs  60%  12 running  3 retried  58.1/s  1s left", cut to `width`
/// columns; parts that say least go first. A pure function; no newline.
std::string progress_text(const task_progress& progress, std::size_t width);

/// Decides what to write, and when; writes nothing itself. Times are those of
/// the events, so that it needs no clock.
class progress_view {
public:
  /// What to write for this event; empty between plain lines. `columns` are the
  /// terminal's; nothing: there is none, plain lines.
  std::string show(const task_progress& progress,
                   std::optional<std::size_t> columns);

  /// What takes the live line off the screen, so that something else can be
  /// written; empty where there is none.
  std::string clear();

private:
  bool line_shown_ = false;
  milliseconds last_plain_{0};
};

/// "850 ms", "12.3 s", "2 min 5 s", "1 h 10 min".
std::string elapsed_text(milliseconds duration);

} // namespace artel::runtime
