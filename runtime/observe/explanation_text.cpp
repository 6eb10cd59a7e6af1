#include "runtime/observe/explanation_text.hpp"

#include "runtime/config/utf8_text.hpp"
#include "runtime/observe/progress.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <string_view>
#include <vector>

namespace artel::runtime {

namespace {

using row = std::vector<std::string>;

milliseconds in_milliseconds(microseconds duration) {
  return std::chrono::duration_cast<milliseconds>(duration);
}

/// Others' words on one line of a terminal: no control characters, which are
/// U+0080 to U+009F too.
std::string cleaned(std::string_view text) {
  auto sound = is_utf8(text);
  std::string line;
  for (std::size_t i = 0; i < text.size(); ++i) {
    auto byte = static_cast<std::uint8_t>(text[i]);
    auto next =
      i + 1 < text.size() ? static_cast<std::uint8_t>(text[i + 1]) : 0;
    auto control = byte < 0x20 || byte == 0x7f || (byte >= 0x80 && !sound)
                   || (byte == 0xc2 && next < 0xa0);
    line += control ? '?' : text[i];
    i += control && sound && byte == 0xc2;
  }
  return line;
}

std::string two_decimals(ppm ratio) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f",
                static_cast<double>(ratio.value) / ppm_one);
  return text.data();
}

/// Columns as wide as their longest cell; the last one is not filled up.
std::string table_of(const std::vector<row>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& cells : rows) {
    widths.resize(std::max(widths.size(), cells.size()));
    for (std::size_t i = 0; i < cells.size(); ++i)
      widths[i] = std::max(widths[i], cells[i].size());
  }
  std::string text;
  for (const auto& cells : rows) {
    std::string line = "  ";
    for (std::size_t i = 0; i < cells.size(); ++i) {
      line += cells[i];
      if (i + 1 < cells.size())
        line.append(widths[i] - cells[i].size() + 2, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    text += line + "\n";
  }
  return text;
}

std::string jobs_line(const task_explanation& told) {
  auto text = std::to_string(told.jobs_done) + " of "
              + std::to_string(told.jobs) + " jobs completed, "
              + std::to_string(told.jobs_open) + " in flight";
  if (told.jobs_failed > 0)
    text += ", " + std::to_string(told.jobs_failed) + " failed";
  return text;
}

std::string name_or_id(const std::string& name, const node_id& node) {
  return name.empty() ? short_name(node) : cleaned(name);
}

std::string workers_table(const task_explanation& told, std::size_t rows_max) {
  std::vector<row> rows{
    {"worker", "state", "price", "reputation", "latency", "score", "why"}};
  for (const auto& one : told.candidates) {
    if (rows.size() > rows_max)
      break;
    rows.push_back({name_or_id(one.display_name, one.node),
                    std::string{to_string(one.state)},
                    to_string(one.price_per_job), two_decimals(one.reputation),
                    elapsed_text(in_milliseconds(one.latency)),
                    std::to_string(one.score), cleaned(one.reason)});
  }
  auto text = table_of(rows);
  if (told.candidates.size() > rows_max)
    text +=
      "  and " + std::to_string(told.candidates.size() - rows_max) + " more\n";
  return text;
}

std::string job_text(const open_job_status& job) {
  auto text = "  job " + std::to_string(job.job) + ", for "
              + elapsed_text(in_milliseconds(job.age)) + ": ";
  std::string where;
  for (const auto& one : job.placed)
    where += (where.empty() ? "attempt " : ", attempt ")
             + std::to_string(one.attempt) + " with "
             + name_or_id(one.display_name, one.node);
  text += where.empty() ? "no attempt is with a worker now" : where;
  if (!job.waits_for.empty())
    text += "\n    " + cleaned(job.waits_for);
  return text + "\n";
}

json candidate_json(const candidate_status& one) {
  return json{
    {"name", json_of(one.display_name)},
    {"node", json_of(one.node)},
    {"owner", json_of(one.owner)},
    {"state", json_of(one.state)},
    {"reason", json_of(one.reason)},
    {"price_per_job", json_of(one.price_per_job)},
    {"score", one.score},
    {"reputation", static_cast<double>(one.reputation.value) / ppm_one},
    {"latency_us", one.latency.count()},
    {"in_flight", one.in_flight},
    {"capacity", one.capacity},
  };
}

json job_json(const open_job_status& job) {
  auto placed = json::array();
  for (const auto& one : job.placed)
    placed.push_back(json{{"attempt", one.attempt},
                          {"name", json_of(one.display_name)},
                          {"node", json_of(one.node)}});
  json item{
    {"job", job.job},
    {"age_ms", json_of(in_milliseconds(job.age))},
    {"placed", std::move(placed)},
  };
  if (!job.waits_for.empty())
    item["waits_for"] = json_of(job.waits_for);
  return item;
}

} // namespace

std::string explanation_text(const task_explanation& told,
                             std::size_t rows_max) {
  auto text = cleaned(told.name) + " is " + cleaned(told.phase) + ": "
              + cleaned(told.summary) + "\n  " + jobs_line(told) + "\n";
  if (!told.candidates.empty())
    text += "\n" + workers_table(told, rows_max);
  if (told.open_jobs.empty())
    return text;
  text += "\n";
  for (const auto& job : told.open_jobs)
    text += job_text(job);
  if (told.jobs_open > told.open_jobs.size())
    text += "  and " + std::to_string(told.jobs_open - told.open_jobs.size())
            + " younger jobs\n";
  return text;
}

json explanation_json(const task_explanation& told) {
  auto candidates = json::array();
  for (const auto& one : told.candidates)
    candidates.push_back(candidate_json(one));
  auto jobs = json::array();
  for (const auto& one : told.open_jobs)
    jobs.push_back(job_json(one));
  return json{
    {"task", json_of(told.task)},
    {"name", json_of(told.name)},
    {"phase", json_of(told.phase)},
    {"summary", json_of(told.summary)},
    {"jobs", json{{"total", told.jobs},
                  {"done", told.jobs_done},
                  {"failed", told.jobs_failed},
                  {"open", told.jobs_open}}},
    {"candidates", std::move(candidates)},
    {"open_jobs", std::move(jobs)},
  };
}

} // namespace artel::runtime
