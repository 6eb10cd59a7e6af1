// What nodes log, as lines of text or of JSON, on standard error or in a file.
// Thread-safe. Whatever peers put into a message, a line stays one line and
// holds no control characters; floods are counted instead of written.
//
//   2026-11-21T17:48:52.123Z info: seed-1: a link is up peer=5f3c...
//   {"time":"...","level":"info","node":"seed-1","message":"...","peer":"..."}
#pragma once

#include "actors/events.hpp"
#include "protocol/core/result.hpp"
#include "protocol/core/time.hpp"
#include "runtime/config/node_settings.hpp"
#include "runtime/observe/line_limiter.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>

namespace spdlog {
class logger;
}

namespace artel::runtime {

/// The seam to time, for tests.
struct log_clocks {
  std::function<wall_time()> wall;
  std::function<instant()> steady;
};
log_clocks real_log_clocks();

class node_log {
public:
  /// For a program that a person watches: text, short times, every level,
  /// standard error.
  node_log();
  /// As set; system_failure where the file can't be opened.
  static result<std::unique_ptr<node_log>>
  open(const log_section& settings, log_clocks clocks = real_log_clocks(),
       line_limits limits = {});
  node_log(const node_log&) = delete;
  node_log& operator=(const node_log&) = delete;
  /// Tells what was left out.
  ~node_log();

  void write(log_level level, std::string_view node, std::string_view message,
             std::span<const log_field> fields = {});
  void write(const node_logged& told);

  /// Takes new settings, and opens the file again whether it changed or not: it
  /// may have been moved away. Where that fails, all stays as it was.
  result<void> change(const log_section& settings);

  /// Tells lines that were left out a while ago; to be called once in a while.
  void tick();

private:
  node_log(const log_section& settings, log_clocks clocks, line_limits limits);

  void write_line(log_level level, std::string_view node,
                  std::string_view message, std::span<const log_field> fields);
  void tell_left_out(const std::vector<left_out_lines>& lines);

  std::mutex mutex_;
  log_section settings_;
  log_clocks clocks_;
  line_limiter limiter_;
  /// Whose log it is: of the last line.
  std::string node_;
  bool is_limited_ = true;
  std::unique_ptr<spdlog::logger> logger_;
};

/// As it may stand in a line: control characters and what is no UTF-8 as
/// "\x1b", at most so many bytes of it.
std::string log_safe(std::string_view text, std::size_t bytes_max);

} // namespace artel::runtime
