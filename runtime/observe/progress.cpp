#include "runtime/observe/progress.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstdio>
#include <vector>

namespace artel::runtime {

namespace {

/// Between plain lines: often enough to see that it goes on, and few enough for
/// a log.
constexpr milliseconds plain_interval{5'000};

constexpr std::string_view clear_line = "\r\x1b[K";

std::uint64_t ended_of(const job_counts& jobs) {
  return jobs.completed + jobs.failed + jobs.cancelled;
}

std::string one_decimal(double value) {
  std::array<char, 48> text{};
  std::snprintf(text.data(), text.size(), "%.1f", value);
  return text.data();
}

/// The time that the rest takes at the speed so far; nothing before the first
/// job has ended.
std::optional<milliseconds> time_left(const task_progress& progress) {
  auto ended = ended_of(progress.jobs);
  if (ended == 0 || ended >= progress.jobs.total)
    return std::nullopt;
  auto left = static_cast<double>(progress.jobs.total - ended)
              / static_cast<double>(ended)
              * static_cast<double>(progress.elapsed.count());
  // Beyond a year nobody counts.
  constexpr double longest = 365.0 * 24 * 60 * 60 * 1000;
  return milliseconds{static_cast<std::int64_t>(std::min(left, longest))};
}

} // namespace

std::string elapsed_text(milliseconds duration) {
  auto count = duration.count();
  if (count < 1'000)
    return std::to_string(count) + " ms";
  if (count < 60'000)
    return one_decimal(static_cast<double>(count) / 1000) + " s";
  auto seconds = count / 1000;
  if (seconds < 3600)
    return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60)
           + " s";
  return std::to_string(seconds / 3600) + " h "
         + std::to_string(seconds % 3600 / 60) + " min";
}

std::string progress_text(const task_progress& progress, std::size_t width) {
  const auto& jobs = progress.jobs;
  auto ended = ended_of(jobs);
  auto text =
    std::to_string(ended) + "/" + std::to_string(jobs.total) + " jobs";
  // In the order of what they say; the last go first where room is short.
  std::vector<std::string> parts;
  if (jobs.total > 0)
    parts.push_back(std::to_string(ended * 100 / jobs.total) + "%");
  if (jobs.failed > 0)
    parts.push_back(std::to_string(jobs.failed) + " failed");
  if (auto left = time_left(progress))
    parts.push_back(elapsed_text(*left) + " left");
  parts.push_back(std::to_string(progress.running) + " running");
  if (progress.retried > 0)
    parts.push_back(std::to_string(progress.retried) + " retried");
  if (progress.elapsed.count() > 0 && ended > 0)
    parts.push_back(one_decimal(static_cast<double>(ended) * 1000
                                / static_cast<double>(progress.elapsed.count()))
                    + "/s");
  for (const auto& part : parts)
    if (text.size() + 2 + part.size() <= width)
      text += "  " + part;
    else
      break;
  return text.substr(0, width);
}

std::string progress_view::show(const task_progress& progress,
                                std::optional<std::size_t> columns) {
  if (columns) {
    line_shown_ = true;
    // A line that fills the last column may wrap.
    return std::string{clear_line}
           + progress_text(progress, *columns > 1 ? *columns - 1 : 1);
  }
  constexpr std::size_t plain_width = 120;
  if (progress.elapsed - last_plain_ < plain_interval)
    return {};
  last_plain_ = progress.elapsed;
  return progress_text(progress, plain_width) + "\n";
}

std::string progress_view::clear() {
  if (!line_shown_)
    return {};
  line_shown_ = false;
  return std::string{clear_line};
}

} // namespace artel::runtime
