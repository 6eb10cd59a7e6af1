#include "tools/artel/commands/sim_swarm.hpp"

#include "runtime/observe/json.hpp"
#include "runtime/observe/progress.hpp"
#include "runtime/sim/swarm/swarm.hpp"
#include "runtime/sim/trace.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/file_access.hpp"
#include "tools/artel/live_line.hpp"
#include "tools/artel/sim_options.hpp"
#include "tools/artel/stop_flag.hpp"
#include "tools/artel/task_options.hpp"
#include "tools/artel/text_table.hpp"

#include <algorithm>
#include <thread>

namespace artel::tools {

namespace {

using sim::swarm_totals;

std::string replay_text(const sim::seed_failure& failed,
                        const sim::plan_options& options) {
  return "artel sim replay " + std::to_string(failed.seed)
         + world_flags(options);
}

std::uint64_t steps_per_second(const swarm_totals& totals) {
  auto ms =
    static_cast<std::uint64_t>(std::max<std::int64_t>(totals.took.count(), 1));
  return totals.steps * 1'000 / ms;
}

std::string simulated_text(const swarm_totals& totals) {
  return runtime::elapsed_text(
    std::chrono::duration_cast<milliseconds>(totals.simulated));
}

std::string counted(std::uint64_t number, const std::string& what) {
  return grouped(number) + " " + what + (number == 1 ? "" : "s");
}

/// "1,000 seeds: 0 failures, 0 divergences".
std::string verdict_text(const swarm_totals& totals) {
  auto text = counted(totals.seeds, "seed");
  if (totals.seeds < totals.wanted)
    text += " of " + grouped(totals.wanted);
  return text + ": " + counted(totals.failed - totals.divergences, "failure")
         + ", " + counted(totals.divergences, "divergence");
}

std::string progress_line(const swarm_totals& totals) {
  return verdict_text(totals) + "; " + simulated_text(totals) + " simulated, "
         + grouped(steps_per_second(totals)) + " steps/s";
}

void add_counts(std::vector<std::vector<std::string>>& rows,
                const std::string& title,
                const std::map<std::string, std::uint64_t>& counts) {
  for (const auto& [name, times] : counts)
    rows.push_back({title + ": " + name, grouped(times)});
}

std::string totals_text(const swarm_totals& totals,
                        const sim::plan_options& options) {
  std::vector<std::vector<std::string>> rows{
    {"simulated", simulated_text(totals)},
    {"real time", runtime::elapsed_text(totals.took)},
    {"steps", grouped(totals.steps)},
    {"steps a second", grouped(steps_per_second(totals))},
  };
  add_counts(rows, "faults", totals.faults);
  add_counts(rows, "frames", totals.frames);
  add_counts(rows, "tasks", totals.tasks);
  rows.push_back({"jobs: completed", grouped(totals.jobs_completed)});
  rows.push_back({"jobs: failed", grouped(totals.jobs_failed)});
  rows.push_back({"results checked", grouped(totals.results_checked)});
  auto text = table_text(rows, 0);
  for (const auto& one : totals.failures)
    text += "\nseed " + std::to_string(one.seed) + ": " + printable(one.rule)
            + "\n  " + printable(one.detail) + "\n  "
            + replay_text(one, options) + "\n";
  if (totals.failed > totals.failures.size())
    text += "\n" + grouped(totals.failed - totals.failures.size())
            + " more seeds failed\n";
  return text + (totals.failures.empty() ? "" : "\n") + verdict_text(totals)
         + "\n";
}

runtime::json totals_json(const swarm_totals& totals,
                          const sim::plan_options& options) {
  runtime::json document;
  document["seeds"] = totals.seeds;
  document["wanted"] = totals.wanted;
  document["failures"] = totals.failed - totals.divergences;
  document["divergences"] = totals.divergences;
  document["interrupted"] = totals.interrupted;
  document["simulated_ms"] = totals.simulated.count() / 1'000;
  document["real_ms"] = totals.took.count();
  document["steps"] = totals.steps;
  document["steps_per_second"] = steps_per_second(totals);
  document["faults"] = totals.faults;
  document["frames"] = totals.frames;
  document["tasks"] = totals.tasks;
  document["jobs"] = {{"completed", totals.jobs_completed},
                      {"failed", totals.jobs_failed}};
  document["results_checked"] = totals.results_checked;
  auto& failed = document["failed"] = runtime::json::array();
  for (const auto& one : totals.failures)
    failed.push_back({{"seed", one.seed},
                      {"rule", one.rule},
                      {"detail", runtime::json_of(one.detail)},
                      {"replay", replay_text(one, options)}});
  return document;
}

result<sim::swarm_options> swarm_options_of(const arguments& given) {
  sim::swarm_options options;
  auto plan = plan_options_of(given);
  if (!plan)
    return plan.error();
  options.plan = *plan;
  auto seeds = parse_seeds(given.value("seeds").value_or("1..1000"));
  if (!seeds)
    return seeds.error();
  options.first = seeds->first;
  options.last = seeds->last;
  constexpr std::uint64_t processes_max = 256;
  auto cores = std::max(std::thread::hardware_concurrency(), 1u);
  auto jobs = number_of(given, "jobs", 1, processes_max, cores);
  if (!jobs)
    return jobs.error();
  options.processes = static_cast<std::uint32_t>(
    std::min<std::uint64_t>(*jobs, options.last - options.first + 1));
  if (auto text = given.value("guard")) {
    auto guard = runtime::parse_duration(*text);
    if (guard && guard->count() == 0)
      guard = {errc::out_of_range, "expected more than 0"};
    if (!guard)
      return {guard.error().code, "--guard: " + guard.error().message};
    options.guard = *guard;
  }
  options.check_determinism = given.has("check-determinism");
  options.keep_traces = given.has("traces");
  return options;
}

/// A line "SEED TRACE" each, by seed.
std::string traces_text(const swarm_totals& totals) {
  std::string text;
  for (const auto& [seed, trace] : totals.traces)
    text += std::to_string(seed) + " " + sim::hash_text(trace) + "\n";
  return text;
}

exit_code run(const arguments& given) {
  auto format = output_format_of(given);
  if (!format)
    return refuse(format.error());
  auto options = swarm_options_of(given);
  if (!options)
    return refuse(options.error());
  stop_flag stop;
  live_line line;
  options->stopped = [&stop] { return stop.is_set(); };
  options->progress = [&line](const swarm_totals& totals) {
    if (line.is_due())
      line.show(progress_line(totals));
  };
  auto totals = run_swarm(*options);
  line.clear();
  if (!totals)
    return refuse(totals.error());
  write_output(*format == output_format::json
                 ? runtime::document_of(totals_json(*totals, options->plan))
                 : totals_text(*totals, options->plan));
  if (auto path = given.value("traces")) {
    auto text = traces_text(*totals);
    if (auto written = write_whole_file(*path, as_bytes(text), true);
        !written) {
      tell(written.error().message);
      return exit_code::failure;
    }
  }
  if (totals->interrupted)
    tell("interrupted");
  return totals->interrupted  ? exit_code::interrupted
         : totals->failed > 0 ? exit_code::check_failed
                              : exit_code::done;
}

std::vector<option_info> swarm_only_options() {
  return {
    {.name = "seeds",
     .kind = value_kind::text,
     .value_name = "A..B",
     .help = "which worlds, one a seed",
     .default_text = "1..1000"},
    {.name = "jobs",
     .kind = value_kind::text,
     .value_name = "N",
     .help = "processes that run worlds",
     .default_text = "one a core"},
    {.name = "check-determinism",
     .help = "run each world twice, and fail where the second run differs"},
    {.name = "traces",
     .kind = value_kind::file,
     .value_name = "FILE",
     .help =
       "write a line SEED TRACE for each world: equal traces, equal runs"},
    {.name = "guard",
     .kind = value_kind::text,
     .value_name = "TIME",
     .help = "real time that one world may take",
     .default_text = "1m"},
    {.name = "output",
     .letter = 'o',
     .kind = value_kind::choice,
     .value_name = "FORMAT",
     .help = "table or json (one document)",
     .default_text = "table",
     .choices = {"table", "json"}},
  };
}

} // namespace

command_info sim_swarm_command() {
  command_info command;
  command.name = "sim swarm";
  command.summary = "run many random simulated networks, and check each";
  command.usage = "[OPTION...]";
  command.description =
    "Makes a small network out of each seed: nodes, links, tasks, workers that"
    " misbehave, and faults (crashes, pauses, partitions, loss, latency). Runs"
    " it in virtual time with the same code as real nodes, and checks after"
    " every step what must always hold: no credit lost or made, nothing paid"
    " or returned that was not verified, no job ended twice. When the faults"
    " have stopped, all that can end must end; results are compared with the"
    " truth wherever the liars are too few to win. Tells of each failure how to"
    " see it again. Ends with exit code 9 where there is one.";
  command.options = swarm_only_options() + world_options();
  command.examples = {
    "artel sim swarm",
    "artel sim swarm --seeds 1..100000 --faults heavy",
    "artel sim swarm --seeds 1..200 --check-determinism -o json",
  };
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
