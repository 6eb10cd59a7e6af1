// One line on standard error that is written again and again while something
// lasts; without a terminal a plain line now and then.
#pragma once

#include <chrono>
#include <string>

namespace artel::tools {

class live_line {
public:
  /// Takes the line off the screen.
  ~live_line() { clear(); }

  /// Whether it is time for the next one: texts need only be made then.
  bool is_due() const;
  void show(const std::string& text);
  void clear();

private:
  bool is_shown_ = false;
  std::chrono::steady_clock::time_point last_ =
    std::chrono::steady_clock::now();
};

} // namespace artel::tools
