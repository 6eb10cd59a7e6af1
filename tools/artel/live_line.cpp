#include "tools/artel/live_line.hpp"

#include "tools/artel/console.hpp"

namespace artel::tools {

namespace {

/// As for the progress of tasks.
constexpr std::chrono::milliseconds live_interval{250};
constexpr std::chrono::milliseconds plain_interval{5'000};

} // namespace

bool live_line::is_due() const {
  auto interval = terminal_columns() ? live_interval : plain_interval;
  return std::chrono::steady_clock::now() - last_ >= interval;
}

void live_line::show(const std::string& text) {
  last_ = std::chrono::steady_clock::now();
  auto columns = terminal_columns();
  if (!columns) {
    write_error(text + "\n");
    return;
  }
  write_error("\r\x1b[K" + text.substr(0, *columns > 1 ? *columns - 1 : 1));
  is_shown_ = true;
}

void live_line::clear() {
  if (is_shown_)
    write_error("\r\x1b[K");
  is_shown_ = false;
}

} // namespace artel::tools
