// How many lines a log takes: what comes again and again is counted instead, so
// that no peer can fill a disk. Pure; bounded memory.
#pragma once

#include "actors/events.hpp"
#include "protocol/core/time.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace artel::runtime {

struct line_limits {
  /// Lines of one kind, and of one level, in one window.
  std::uint32_t per_kind = 20;
  std::uint32_t per_level = 200;
  microseconds window{1'000'000};
  /// Kinds told apart at a time; all others are one.
  std::size_t kinds_max = 256;
};

/// Lines that were left out, with the first of them.
struct left_out_lines {
  log_level level = log_level::info;
  std::string sample;
  std::uint64_t count = 0;
};

class line_limiter {
public:
  explicit line_limiter(line_limits limits = {}) : limits_(limits) {}

  /// Whether the line is to be written. Time must not go back.
  bool admit(instant now, log_level level, std::string_view message);

  /// What was left out in windows that are over, or in all; each is told once.
  /// At most ten; what more there is goes together.
  std::vector<left_out_lines> take_left_out(instant now);
  std::vector<left_out_lines> take_all_left_out();

private:
  struct window {
    instant start{};
    std::uint32_t lines = 0;
    left_out_lines left_out;
  };

  bool is_over(const window& one, instant now) const {
    return now - one.start >= limits_.window;
  }
  window& window_of(instant now, log_level level, std::string_view message);
  template <class Take>
  std::vector<left_out_lines> take_if(Take take);

  line_limits limits_;
  std::map<std::string, window, std::less<>> kinds_;
  /// By level: all lines; and those of kinds for which there was no room.
  std::array<window, 5> levels_{};
  std::array<window, 5> others_{};
  instant next_look_{};
};

/// The message without words that differ from line to line (numbers, ids, what
/// stands in quotes), at most 80 bytes.
std::string kind_of_line(std::string_view message);

} // namespace artel::runtime
