#include "runtime/observe/node_log.hpp"

#include "runtime/config/utf8_text.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include <nlohmann/json.hpp>
#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/basic_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

namespace artel::runtime {

namespace {

constexpr std::size_t message_bytes_max = 4'096;
constexpr std::size_t value_bytes_max = 512;
constexpr std::size_t fields_max = 32;

spdlog::level::level_enum level_of(log_level level) {
  switch (level) {
    case log_level::debug: return spdlog::level::debug;
    case log_level::info: return spdlog::level::info;
    case log_level::warning: return spdlog::level::warn;
    case log_level::error: return spdlog::level::err;
  }
  return spdlog::level::err;
}

/// Bytes of the character at the start; 0 where it is to be escaped.
std::size_t safe_length(std::string_view text) {
  auto byte = static_cast<std::uint8_t>(text.front());
  if (byte < 0x80)
    return byte >= 0x20 && byte != 0x7f;
  // U+0080 to U+009F are control characters too.
  if (byte == 0xc2 && text.size() > 1
      && static_cast<std::uint8_t>(text[1]) < 0xa0)
    return 0;
  for (std::size_t length = 2; length <= 4 && length <= text.size(); ++length)
    if (is_utf8(text.substr(0, length)))
      return length;
  return 0;
}

/// A value that is not one plain word stands in quotes.
std::string field_text(std::string_view value) {
  auto safe = log_safe(value, value_bytes_max);
  auto plain = !safe.empty() && safe.find_first_of(" \"=") == safe.npos;
  if (plain)
    return safe;
  std::string quoted = "\"";
  for (auto c : safe)
    quoted += c == '"' ? "\\\"" : std::string{c};
  return quoted + "\"";
}

std::string text_of(std::string_view node, std::string_view message,
                    std::span<const log_field> fields) {
  auto line = log_safe(node, value_bytes_max) + ": "
              + log_safe(message, message_bytes_max);
  for (const auto& field : fields.first(std::min(fields.size(), fields_max)))
    line += " " + log_safe(field.name, value_bytes_max) + "="
            + field_text(field.value);
  return line;
}

/// The object from its third member on; the pattern writes those before.
std::string json_of_line(std::string_view node, std::string_view message,
                         std::span<const log_field> fields) {
  nlohmann::ordered_json line;
  line["node"] = log_safe(node, value_bytes_max);
  line["message"] = log_safe(message, message_bytes_max);
  for (const auto& field : fields.first(std::min(fields.size(), fields_max))) {
    auto name = log_safe(field.name, value_bytes_max);
    while (name == "time" || name == "level" || line.contains(name))
      name += '_';
    line[name] = log_safe(field.value, value_bytes_max);
  }
  return line
    .dump(-1, ' ', true, nlohmann::ordered_json::error_handler_t::replace)
    .substr(1);
}

std::unique_ptr<spdlog::formatter> formatter_of(log_format format) {
  constexpr auto utc = spdlog::pattern_time_type::utc;
  return std::make_unique<spdlog::pattern_formatter>(
    format == log_format::json_lines
      ? R"({"time":"%Y-%m-%dT%H:%M:%S.%eZ","level":"%l",%v)"
      : "%Y-%m-%dT%H:%M:%S.%eZ %l: %v",
    utc);
}

std::unique_ptr<spdlog::logger> logger_of(spdlog::sink_ptr sink) {
  auto logger = std::make_unique<spdlog::logger>("artel", std::move(sink));
  // Levels are looked at before lines are counted.
  logger->set_level(spdlog::level::trace);
  // Whoever looks at the log after a crash wants the last line.
  logger->flush_on(spdlog::level::trace);
  return logger;
}

result<spdlog::sink_ptr> sink_of(const log_section& settings) {
  try {
    spdlog::sink_ptr sink;
    if (settings.file.empty())
      sink = std::make_shared<spdlog::sinks::stderr_sink_st>();
    else
      sink = std::make_shared<spdlog::sinks::basic_file_sink_st>(
        settings.file.string());
    return sink;
  } catch (const spdlog::spdlog_ex& error) {
    return {errc::system_failure, "log file '" + settings.file.string()
                                    + "' cannot be opened: " + error.what()};
  }
}

} // namespace

std::string log_safe(std::string_view text, std::size_t bytes_max) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string safe;
  auto left = text.substr(0, bytes_max);
  while (!left.empty()) {
    auto length = safe_length(left);
    if (length == 0) {
      auto byte = static_cast<std::uint8_t>(left.front());
      safe += "\\x";
      safe += digits[byte >> 4];
      safe += digits[byte & 0xf];
      length = 1;
    } else {
      safe += left.substr(0, length);
    }
    left.remove_prefix(length);
  }
  return text.size() > bytes_max ? safe + "..." : safe;
}

log_clocks real_log_clocks() {
  using namespace std::chrono;
  return {[] { return floor<milliseconds>(system_clock::now()); },
          [] {
            return instant{duration_cast<microseconds>(
              steady_clock::now().time_since_epoch())};
          }};
}

node_log::node_log()
  : clocks_(real_log_clocks()),
    is_limited_(false),
    logger_(logger_of(std::make_shared<spdlog::sinks::stderr_sink_st>())) {
  settings_.level = log_level::debug;
  logger_->set_pattern("%H:%M:%S.%e %l: %v");
}

node_log::node_log(const log_section& settings, log_clocks clocks,
                   line_limits limits)
  : settings_(settings),
    clocks_(std::move(clocks)),
    limiter_(limits) {
}

node_log::~node_log() {
  tell_left_out(limiter_.take_all_left_out());
}

result<std::unique_ptr<node_log>> node_log::open(const log_section& settings,
                                                 log_clocks clocks,
                                                 line_limits limits) {
  auto log = std::unique_ptr<node_log>{
    new node_log{settings, std::move(clocks), limits}};
  if (auto opened = log->change(settings); !opened)
    return opened.error();
  return log;
}

result<void> node_log::change(const log_section& settings) {
  auto sink = sink_of(settings);
  if (!sink)
    return sink.error();
  auto logger = logger_of(std::move(*sink));
  logger->set_formatter(formatter_of(settings.format));
  std::lock_guard guard{mutex_};
  if (logger_)
    tell_left_out(limiter_.take_all_left_out());
  settings_ = settings;
  logger_ = std::move(logger);
  return {};
}

void node_log::write(log_level level, std::string_view node,
                     std::string_view message,
                     std::span<const log_field> fields) {
  std::lock_guard guard{mutex_};
  if (level < settings_.level)
    return;
  node_ = node;
  if (is_limited_) {
    auto now = clocks_.steady();
    tell_left_out(limiter_.take_left_out(now));
    if (!limiter_.admit(now, level, message))
      return;
  }
  write_line(level, node, message, fields);
}

void node_log::write(const node_logged& told) {
  write(told.level, told.node_name, told.message, told.fields);
}

void node_log::tick() {
  std::lock_guard guard{mutex_};
  tell_left_out(limiter_.take_left_out(clocks_.steady()));
}

void node_log::tell_left_out(const std::vector<left_out_lines>& lines) {
  for (const auto& one : lines) {
    const log_field count{"left_out", std::to_string(one.count)};
    write_line(one.level, node_,
               count.value + " more lines like this: " + one.sample,
               {&count, 1});
  }
}

void node_log::write_line(log_level level, std::string_view node,
                          std::string_view message,
                          std::span<const log_field> fields) {
  auto line = settings_.format == log_format::json_lines
                ? json_of_line(node, message, fields)
                : text_of(node, message, fields);
  logger_->log(clocks_.wall(), spdlog::source_loc{}, level_of(level), line);
}

} // namespace artel::runtime
