// Keeps a flood of bad messages from becoming a flood of log lines: a few a
// second are written, and the next one after that says how many were not.
#pragma once

#include "protocol/core/time.hpp"

#include <cstdint>
#include <string>
#include <utility>

namespace artel {

class log_pace {
public:
  static constexpr std::uint32_t lines_per_second = 3;

  /// Whether a line may be written now; else it is counted.
  bool admits(instant now) {
    if (now - second_start_ >= std::chrono::seconds{1}) {
      second_start_ = now;
      lines_ = 0;
    }
    if (lines_ < lines_per_second) {
      ++lines_;
      return true;
    }
    ++muted_;
    return false;
  }

  /// For the end of a line: how many went before it unsaid; empty for none.
  std::string muted_text() {
    auto count = std::exchange(muted_, 0);
    return count == 0 ? std::string{}
                      : " (and " + std::to_string(count) + " lines before)";
  }

private:
  instant second_start_{};
  std::uint32_t lines_ = 0;
  std::uint64_t muted_ = 0;
};

} // namespace artel
