#include "tools/artel/commands/sim_measure.hpp"

#include "actors/defaults.hpp"
#include "protocol/task/message_text.hpp"
#include "runtime/observe/json.hpp"
#include "runtime/sim/swarm/recovery.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/interrupt.hpp"
#include "tools/artel/live_line.hpp"
#include "tools/artel/shell/option_values.hpp"
#include "tools/artel/sim_options.hpp"
#include "tools/artel/task_options.hpp"
#include "tools/artel/text_table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>
#include <utility>
#include <vector>

namespace artel::tools {

namespace {

using runtime::json;
using sim::recovery_point;

/// What is measured at one point.
struct point_request {
  recovery_point point;
  runtime::number_range seeds;
  /// Quarters of a link-day that are watched for false alarms.
  std::uint64_t quarters = 0;
};

struct point_figures {
  recovery_point point;
  sim::recovery_times power;
  sim::recovery_times process;
  sim::false_alarms alarms;
};

/// One world of false alarms: a quarter of a link-day, about two seconds.
constexpr std::uint32_t alarm_links = 12;
constexpr microseconds alarm_span{30ll * 60 * 1'000'000};
constexpr double quarters_a_day = 4;

/// Other points are there to compare: less of each.
constexpr std::uint64_t other_seeds_max = 200;
constexpr std::uint64_t other_part = 8;

// -- asking -------------------------------------------------------------------

/// The asked point first; then other latencies, then other losses.
std::vector<recovery_point> points_around(const recovery_point& asked) {
  std::vector<recovery_point> points{asked};
  for (auto latency_ms : {5, 50, 100})
    if (microseconds{latency_ms * 1'000} != asked.latency)
      points.push_back({microseconds{latency_ms * 1'000}, asked.loss});
  for (auto percent : {0, 1, 10, 20, 30})
    if (percent * 10'000 != asked.loss.value)
      points.push_back({asked.latency, ppm{percent * 10'000}});
  return points;
}

result<recovery_point> point_of(const arguments& given) {
  recovery_point point;
  constexpr microseconds latency_max{10'000'000};
  if (auto text = given.value("latency")) {
    auto latency = parse_span(*text);
    if (latency && *latency > latency_max)
      latency = {errc::out_of_range,
                 artel::quoted(*text) + " is too long; expected at most 10s"};
    if (!latency)
      return {latency.error().code, "--latency: " + latency.error().message};
    point.latency = *latency;
  }
  if (auto text = given.value("loss")) {
    auto loss = parse_percentage(*text);
    if (!loss)
      return {loss.error().code, "--loss: " + loss.error().message};
    point.loss = *loss;
  }
  return point;
}

result<std::vector<point_request>> requests_of(const arguments& given) {
  const auto& what = given.positional.front();
  if (what != "recovery")
    return {errc::invalid_argument,
            artel::quoted(what) + " cannot be measured; expected recovery"};
  auto asked = point_of(given);
  if (!asked)
    return asked.error();
  auto seeds = parse_seeds(given.value("seeds").value_or("1..1000"));
  if (!seeds)
    return seeds.error();
  constexpr std::uint64_t link_days_max = 100'000;
  auto days = number_of(given, "link-days", 1, link_days_max, 4);
  if (!days)
    return days.error();
  auto quarters = *days * static_cast<std::uint64_t>(quarters_a_day);
  auto other_seeds = *seeds;
  other_seeds.last = std::min(seeds->last, seeds->first + other_seeds_max - 1);
  auto other_quarters = std::max<std::uint64_t>(1, quarters / other_part);
  std::vector<point_request> requests;
  for (const auto& point : points_around(*asked))
    if (requests.empty())
      requests.push_back({point, *seeds, quarters});
    else if (!given.has("only"))
      requests.push_back({point, other_seeds, other_quarters});
  return requests;
}

// -- measuring ----------------------------------------------------------------

std::string percent_text(ppm share) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%g %%",
                static_cast<double>(share.value) / 10'000);
  return text.data();
}

std::string ms_text(microseconds span) {
  return tenths_text(static_cast<std::uint64_t>(span.count()) / 100);
}

std::string point_text(const recovery_point& point) {
  return ms_text(point.latency) + " ms, " + percent_text(point.loss) + " loss";
}

class measurement {
public:
  measurement(live_line& line, std::stop_token stop)
    : line_(line),
      stop_(std::move(stop)) {}

  point_figures measure(const point_request& request);
  bool is_stopped() const { return stop_.stop_requested(); }

private:
  void measure_times(const point_request& request, sim::crash_kind kind,
                     sim::recovery_times& into);
  void measure_alarms(const point_request& request, sim::false_alarms& into);
  void show(const point_request& request, const std::string& what) {
    if (line_.is_due())
      line_.show(point_text(request.point) + ": " + what);
  }

  live_line& line_;
  std::stop_token stop_;
};

void measurement::measure_times(const point_request& request,
                                sim::crash_kind kind,
                                sim::recovery_times& into) {
  auto name = kind == sim::crash_kind::power ? "power loss" : "process end";
  auto count = request.seeds.last - request.seeds.first + 1;
  for (std::uint64_t i = 0; i < count && !is_stopped(); ++i) {
    into.add(
      measure_recovery(request.seeds.first + i, request.point, kind, stop_));
    show(request, std::string{name} + ", world " + grouped(i + 1) + " of "
                    + grouped(count));
  }
  std::sort(into.times.begin(), into.times.end());
}

void measurement::measure_alarms(const point_request& request,
                                 sim::false_alarms& into) {
  for (std::uint64_t i = 0; i < request.quarters && !is_stopped(); ++i) {
    into.add(measure_false_alarms(request.seeds.first + i, request.point,
                                  alarm_links, alarm_span, stop_));
    show(request, "false alarms, quarter of a link-day " + grouped(i + 1)
                    + " of " + grouped(request.quarters));
  }
}

point_figures measurement::measure(const point_request& request) {
  point_figures figures;
  figures.point = request.point;
  measure_times(request, sim::crash_kind::power, figures.power);
  measure_times(request, sim::crash_kind::process, figures.process);
  measure_alarms(request, figures.alarms);
  return figures;
}

// -- telling ------------------------------------------------------------------

double link_days(const sim::false_alarms& alarms) {
  return static_cast<double>(alarms.link_time.count()) / 86'400e6;
}

/// Alarms a link and day that are not passed with 95 % confidence. Wilson and
/// Hilferty's approximation of the chi-squared quantile (Proc. Natl. Acad. Sci.
/// 17, 1931), for a Poisson count.
double alarm_rate_max(const sim::false_alarms& alarms) {
  constexpr double quantile = 1.645;
  auto n = static_cast<double>(alarms.alarms) + 1;
  auto root = 1 - 1 / (9 * n) + quantile / (3 * std::sqrt(n));
  auto days = link_days(alarms);
  return days > 0 ? n * root * root * root / days : HUGE_VAL;
}

bool has_time(const point_figures& figures) {
  return !figures.power.times.empty()
         && sim::percentile(figures.power.times, 990) <= sim::recovery_p99_max
         && figures.power.unrecovered == 0;
}

bool has_calm(const point_figures& figures) {
  return alarm_rate_max(figures.alarms) < 1;
}

std::string two_decimals(double value) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.2f", value);
  return text.data();
}

void add_times(std::vector<std::string>& row,
               const sim::recovery_times& measured) {
  for (auto permille : {500u, 990u, 1'000u})
    row.push_back(measured.times.empty()
                    ? "-"
                    : ms_text(sim::percentile(measured.times, permille)));
}

std::vector<std::string> row_of(const point_figures& figures) {
  std::vector<std::string> row{ms_text(figures.point.latency),
                               percent_text(figures.point.loss)};
  add_times(row, figures.power);
  add_times(row, figures.process);
  row.push_back(grouped(figures.alarms.alarms));
  row.push_back(two_decimals(link_days(figures.alarms)));
  return row;
}

std::string gaps_text(const point_figures& figures) {
  std::string text;
  auto add = [&](std::uint64_t count, const std::string& what) {
    if (count > 0)
      text +=
        point_text(figures.point) + ": " + grouped(count) + " " + what + "\n";
  };
  auto unrecovered = figures.power.unrecovered + figures.process.unrecovered;
  add(unrecovered, "jobs did not run elsewhere within a minute");
  add(figures.power.unstarted + figures.process.unstarted,
      "worlds were left out: not all of their jobs began within two minutes");
  return text;
}

std::string target_text(const point_figures& asked) {
  auto verdict = [](bool holds) { return holds ? "holds" : "missed"; };
  auto p99 =
    asked.power.times.empty()
      ? std::string{"nothing measured"}
      : "p99 " + ms_text(sim::percentile(asked.power.times, 990)) + " ms";
  return "recovery at " + point_text(asked.point) + ": " + p99
         + "; wanted: at most " + ms_text(sim::recovery_p99_max)
         + " ms: " + verdict(has_time(asked))
         + "\nfalse alarms: " + grouped(asked.alarms.alarms) + " in "
         + two_decimals(link_days(asked.alarms)) + " link-days, so at most "
         + two_decimals(alarm_rate_max(asked.alarms))
         + " a link and day (95 % confidence); wanted: less than 1: "
         + verdict(has_calm(asked)) + "\n";
}

std::string table_of(const std::vector<point_figures>& all) {
  std::vector<std::vector<std::string>> rows{
    {"latency ms", "loss", "power p50 ms", "p99", "max", "process p50 ms",
     "p99", "max", "false alarms", "link-days"}};
  std::string gaps;
  for (const auto& one : all) {
    rows.push_back(row_of(one));
    gaps += gaps_text(one);
  }
  return "virtual time from a worker's end (its power, its process) until its"
         " jobs run elsewhere;\nlease "
         + std::to_string(defaults::lease.count()) + " ms, heartbeat "
         + std::to_string(defaults::heartbeat_interval.count()) + " ms, sweep "
         + std::to_string(defaults::sweep_interval.count()) + " ms\n"
         + table_text(rows, 0) + gaps
         + (all.empty() ? "" : target_text(all.front()));
}

json times_json(const sim::recovery_times& measured) {
  json document;
  document["jobs"] = measured.times.size();
  document["unrecovered"] = measured.unrecovered;
  document["unstarted_worlds"] = measured.unstarted;
  if (measured.times.empty())
    return document;
  document["p50_us"] = sim::percentile(measured.times, 500).count();
  document["p99_us"] = sim::percentile(measured.times, 990).count();
  document["max_us"] = measured.times.back().count();
  return document;
}

json document_json(const std::vector<point_figures>& all) {
  json document;
  auto& list = document["points"] = json::array();
  for (const auto& one : all) {
    json entry;
    entry["latency_us"] = one.point.latency.count();
    entry["loss_ppm"] = one.point.loss.value;
    entry["power_loss"] = times_json(one.power);
    entry["process_end"] = times_json(one.process);
    entry["false_alarms"] = one.alarms.alarms;
    entry["link_days"] = link_days(one.alarms);
    list.push_back(std::move(entry));
  }
  if (!all.empty()) {
    document["recovery_holds"] = has_time(all.front());
    document["false_alarms_hold"] = has_calm(all.front());
  }
  return document;
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto requests = requests_of(given);
  if (!requests)
    return refuse(requests.error());
  std::vector<point_figures> all;
  bool is_stopped = false;
  {
    interrupt_guard guard{"what was measured is shown"};
    live_line line;
    measurement one{line, guard.token()};
    for (const auto& request : *requests)
      if (!one.is_stopped())
        all.push_back(one.measure(request));
    is_stopped = one.is_stopped();
  }
  write_output(*format == output_format::json
                 ? runtime::document_of(document_json(all))
                 : table_of(all));
  return is_stopped ? exit_code::interrupted : exit_code::done;
}

std::vector<option_info> measure_options() {
  using enum value_kind;
  return {
    {.name = "seeds",
     .kind = text,
     .value_name = "A..B",
     .help = "which worlds, one a seed; of other points, the first 200",
     .default_text = "1..1000"},
    {.name = "latency",
     .kind = text,
     .value_name = "TIME",
     .help = "mean of the links, one way; from half of it to one and a half",
     .default_text = "20ms"},
    {.name = "loss",
     .kind = text,
     .value_name = "PERCENT",
     .help = "frames that are lost",
     .default_text = "5%"},
    {.name = "link-days",
     .kind = text,
     .value_name = "N",
     .help = "how long to watch for false alarms, in days of one link; at other"
             " points an eighth of it",
     .default_text = "4"},
    {.name = "only", .help = "measure at this latency and loss alone"},
    {.name = "output",
     .letter = 'o',
     .kind = choice,
     .value_name = "FORMAT",
     .help = "table or json (one document)",
     .default_text = "table",
     .choices = {"table", "json"}},
  };
}

} // namespace

command_info sim_measure_command() {
  command_info command;
  command.name = "sim measure";
  command.summary = "measure in simulated networks how fast jobs recover";
  command.usage = "recovery [OPTION...]";
  command.description =
    "In each of many small simulated networks a worker dies in the middle of"
    " its jobs: its machine loses power, so that nothing is heard of it any"
    " more, or its process ends. Tells in virtual time when its jobs run"
    " elsewhere; and how often a worker that lives is taken for dead, over days"
    " of links at work. First at the given latency and loss, then at others to"
    " compare, and whether the target is met: p99 within 1.1 s, and less than"
    " one false alarm a link and day.";
  command.options = measure_options();
  command.positional = value_kind::text;
  command.positional_min = 1;
  command.positional_max = 1;
  command.examples = {
    "artel sim measure recovery",
    "artel sim measure recovery --latency 100ms --loss 10% --only",
  };
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
