#include "tools/artel/report_text.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/observe/progress.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/text_table.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <ctime>
#include <string_view>
#include <vector>

namespace artel::tools {

namespace {

constexpr std::size_t failed_jobs_shown = 5;
constexpr std::size_t stderr_lines_shown = 20;
constexpr std::size_t candidates_shown = 20;

std::string counted(std::uint64_t count, std::string_view what) {
  auto text = std::to_string(count) + " " + std::string{what};
  return count == 1 ? text : text + "s";
}

std::string two_decimals(ppm ratio) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%.2f",
                static_cast<double>(ratio.value) / ppm_one);
  return text.data();
}

std::string_view state_words(const task_report& report) {
  switch (report.state) {
    case task_state::completed: return "completed";
    case task_state::cancelled: return "interrupted";
    case task_state::expired: return "ran out of time";
    default: return "failed";
  }
}

std::string jobs_text(const task_report& report) {
  const auto& jobs = report.jobs;
  auto text = std::to_string(jobs.completed) + " of "
              + std::to_string(jobs.total) + " completed";
  if (jobs.failed > 0)
    text += ", " + std::to_string(jobs.failed) + " failed";
  if (report.retries > 0)
    text +=
      ", "
      + (report.retries == 1 ? std::string{"1 retry"}
                             : std::to_string(report.retries) + " retries");
  return text;
}

std::string nodes_text(const task_report& report) {
  std::vector<std::vector<std::string>> rows{{"worker", "replicas", "agreed",
                                              "dissented", "failed", "lost",
                                              "earned", "reputation"}};
  auto nodes = report.nodes;
  std::stable_sort(nodes.begin(), nodes.end(),
                   [](const auto& a, const auto& b) {
                     return std::pair{a.display_name.size(), a.display_name}
                            < std::pair{b.display_name.size(), b.display_name};
                   });
  for (const auto& node : nodes)
    rows.push_back({printable(node.display_name), std::to_string(node.replicas),
                    std::to_string(node.agreed), std::to_string(node.dissented),
                    std::to_string(node.failed), std::to_string(node.lost),
                    to_string(node.earned), two_decimals(node.reputation)});
  auto text = table_text(rows, 2);
  for (const auto& node : nodes)
    if (node.dissented > 0)
      text += "  " + printable(node.display_name)
              + " gave other answers than those agreed on, "
              + counted(node.dissented, "time")
              + ", and was not paid for them\n";
  return text;
}

/// Between processes there is no common ledger yet.
std::string claims_text(const task_report& report) {
  if (!report.paid_by_claims)
    return {};
  return "  claims     paid by signed claims, not witnessed yet: "
         + std::to_string(report.claims_acknowledged) + " of "
         + counted(report.claims_sent, "owner") + " acknowledged\n";
}

std::string credits_text(const task_report& report) {
  auto kept = report.network_before == report.network_after;
  return "  credits    " + to_string(report.held) + " held, "
         + to_string(report.paid) + " paid, " + to_string(report.refunded)
         + " returned; balance " + to_string(report.balance_before)
         + " before, " + to_string(report.balance_after) + " after\n"
         + claims_text(report) + "  network    "
         + to_string(report.network_before) + " credits before, "
         + to_string(report.network_after) + " after: "
         + (kept ? "none lost, none made" : "NOT CONSERVED") + "\n";
}

/// The last lines, each behind a bar.
std::string quoted_lines(std::string_view text) {
  while (text.ends_with('\n'))
    text.remove_suffix(1);
  if (text.empty())
    return {};
  auto start = text.size();
  for (std::size_t lines = 0; lines < stderr_lines_shown; ++lines) {
    auto newline =
      start == 0 ? std::string_view::npos : text.rfind('\n', start - 1);
    start = newline == std::string_view::npos ? 0 : newline;
    if (start == 0)
      break;
  }
  text.remove_prefix(start);
  std::string result;
  while (!text.empty()) {
    if (text.starts_with('\n'))
      text.remove_prefix(1);
    auto line = text.substr(0, text.find('\n'));
    result += "    | " + printable(line) + "\n";
    text.remove_prefix(line.size());
  }
  return result;
}

std::string chunks_text(const chunk_plan& chunks) {
  constexpr std::uint64_t shown = 3;
  std::string text;
  for (std::uint64_t i = 0; i < chunks.count(); ++i) {
    if (i == shown && chunks.count() > shown + 2) {
      text += "    ...\n";
      i = chunks.count() - 1;
    }
    text += "    job " + std::to_string(i) + ": "
            + printable(chunk_text(chunks.at(i))) + "\n";
  }
  return text;
}

std::string candidates_text(const plan_report& plan) {
  std::vector<std::vector<std::string>> rows{
    {"worker", "slots", "cpu score", "price", "reputation", "score"}};
  for (const auto& one : plan.candidates) {
    if (rows.size() > candidates_shown)
      break;
    rows.push_back({printable(one.display_name),
                    std::to_string(one.offer.offer.slots),
                    std::to_string(one.offer.offer.cpu_score),
                    to_string(one.offer.price_per_job),
                    two_decimals(one.reputation), std::to_string(one.score)});
  }
  auto text = table_text(rows, 4);
  if (plan.candidates.size() > candidates_shown)
    text += "    and "
            + std::to_string(plan.candidates.size() - candidates_shown)
            + " more\n";
  return text;
}

} // namespace

std::string chunk_text(const chunk& one) {
  switch (one.kind) {
    case input_kind::none: return "run " + std::to_string(one.index);
    case input_kind::range:
      return std::to_string(one.first) + ".." + std::to_string(one.last);
    case input_kind::data: break;
  }
  return file_name_of(one.path) + ", " + byte_count_text(one.bytes)
         + (one.offset > 0 ? " from byte " + std::to_string(one.offset) : "");
}

std::string summary_text(const task_report& report, std::uint64_t fuel_used) {
  auto text = printable(report.name) + ": " + std::string{state_words(report)}
              + " in " + runtime::elapsed_text(report.elapsed) + "\n"
              + "  jobs       " + jobs_text(report) + "\n" + "  replicas   "
              + std::to_string(report.replicas_run) + " run, "
              + std::to_string(report.replicas_agreed) + " agreed\n";
  if (fuel_used > 0)
    text += "  fuel       " + std::to_string(fuel_used)
            + " instructions, over all replicas\n";
  if (!report.nodes.empty())
    text += nodes_text(report);
  return text + credits_text(report);
}

std::string failure_text(const task_report& report) {
  if (report.state == task_state::completed)
    return {};
  auto text = "artel: task '" + printable(report.name) + "' "
              + std::string{state_words(report)};
  if (!report.problem.message.empty())
    text += ": " + printable(report.problem.message);
  text += "\n";
  std::size_t shown = 0;
  for (const auto& job : report.failed_jobs) {
    if (++shown > failed_jobs_shown)
      break;
    text += "  job " + std::to_string(job.index) + " ("
            + printable(job.input_name) + "): " + printable(job.reason) + "\n"
            + quoted_lines(job.stderr_tail);
  }
  if (report.jobs.failed > failed_jobs_shown)
    text += "  and " + std::to_string(report.jobs.failed - failed_jobs_shown)
            + " more failed jobs\n";
  return text;
}

std::string plan_text(const plan_report& plan, const chunk_plan& chunks) {
  auto at_floor =
    plan.price_floor.micro > 0 && plan.price_per_job <= plan.price_floor;
  auto text = printable(plan.name) + ": " + counted(plan.jobs, "job");
  if (plan.reduce_jobs > 0)
    text += ", " + std::to_string(plan.reduce_jobs) + " of them to reduce";
  text +=
    ", " + counted(plan.replicas, "replica") + " each\n" + chunks_text(chunks)
    + "  price      " + to_string(plan.price_per_job) + " credits a replica"
    + (at_floor ? ", the network's price floor\n" : "\n") + "  cost       "
    + to_string(plan.expected_cost) + " credits expected, "
    + to_string(plan.hold) + " held for the worst case\n" + "  balance    "
    + to_string(plan.balance) + " credits\n";
  if (!plan.candidates.empty())
    text += candidates_text(plan);
  for (const auto& problem : plan.problems)
    text += "  problem    " + printable(problem.message) + "\n";
  return text;
}

std::string moment_text(wall_time moment) {
  // Years of more digits are no date that anybody meant.
  constexpr wall_time end{milliseconds{253'402'300'800'000}};
  if (moment < wall_time{} || moment >= end)
    return std::to_string(moment.time_since_epoch().count()) + " ms since 1970";
  auto day = std::chrono::floor<std::chrono::days>(moment);
  std::chrono::year_month_day date{day};
  std::chrono::hh_mm_ss time{moment - day};
  char text[40];
  std::snprintf(
    text, sizeof(text), "%04d-%02u-%02u %02d:%02d:%02d UTC",
    static_cast<int>(date.year()), static_cast<unsigned>(date.month()),
    static_cast<unsigned>(date.day()), static_cast<int>(time.hours().count()),
    static_cast<int>(time.minutes().count()),
    static_cast<int>(time.seconds().count()));
  return text;
}

} // namespace artel::tools
