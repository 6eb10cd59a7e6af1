// What nodes log, as lines on standard error: time, level, node, message.
#pragma once

#include "actors/events.hpp"

#include <memory>
#include <string_view>

namespace spdlog {
class logger;
}

namespace artel::runtime {

class node_log {
public:
  node_log();
  ~node_log();

  /// The texts come from nodes: the caller has made them safe for a terminal.
  void write(log_level level, std::string_view node, std::string_view message);

private:
  std::unique_ptr<spdlog::logger> logger_;
};

} // namespace artel::runtime
