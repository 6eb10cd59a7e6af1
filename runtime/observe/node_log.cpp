#include "runtime/observe/node_log.hpp"

#include <spdlog/logger.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace artel::runtime {

namespace {

spdlog::level::level_enum level_of(log_level level) {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

} // namespace

node_log::node_log()
  : logger_(std::make_unique<spdlog::logger>(
    "artel", std::make_shared<spdlog::sinks::stderr_sink_st>())) {
  // Which levels are told is decided where they arise.
  logger_->set_level(spdlog::level::trace);
  logger_->set_pattern("%H:%M:%S.%e %l: %v");
}

node_log::~node_log() = default;

void node_log::write(log_level level, std::string_view node,
                     std::string_view message) {
  logger_->log(level_of(level), "{}: {}", node, message);
}

} // namespace artel::runtime
