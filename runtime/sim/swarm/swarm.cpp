#include "runtime/sim/swarm/swarm.hpp"

#include "runtime/observe/json.hpp"
#include "runtime/sim/swarm/child_process.hpp"
#include "runtime/sim/swarm/determinism.hpp"

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>
#include <utility>

#include <poll.h>

namespace artel::sim {

namespace {

using runtime::json;
using real_clock = std::chrono::steady_clock;
using counts = std::map<std::string, std::uint64_t>;

// -- what a child says --------------------------------------------------------

std::string report_text(const plan_outcome& outcome,
                        const std::optional<std::string>& divergence) {
  constexpr std::size_t detail_bytes_max = 8'000;
  json report;
  report["trace"] = outcome.hash;
  report["steps"] = outcome.steps;
  report["simulated"] = outcome.simulated.count();
  report["faults"] = outcome.faults;
  report["frames"] = outcome.frames;
  report["tasks"] = outcome.tasks;
  report["completed"] = outcome.jobs_completed;
  report["failed"] = outcome.jobs_failed;
  report["checked"] = outcome.results_checked;
  if (outcome.failed()) {
    const auto& first = outcome.violations.front();
    report["rule"] = first.rule;
    report["detail"] = to_string(first).substr(0, detail_bytes_max);
  } else if (divergence) {
    report["rule"] = rule_diverges;
    report["detail"] = divergence->substr(0, detail_bytes_max);
  }
  report["diverges"] = divergence.has_value();
  return report.dump(-1, ' ', false, json::error_handler_t::replace);
}

std::string run_seed(const swarm_options& options, std::uint64_t seed) {
  auto plan = make_plan(seed, options.plan);
  if (!options.check_determinism)
    return report_text(run_plan(plan), std::nullopt);
  auto outcome = check_determinism(plan);
  return report_text(outcome.first, outcome.divergence);
}

void add(counts& target, const json& from) {
  for (const auto& [name, times] : from.items())
    target[name] += times.get<std::uint64_t>();
}

// -- the swarm ----------------------------------------------------------------

class swarm {
public:
  explicit swarm(const swarm_options& options)
    : options_(options),
      next_(options.first),
      slots_(options.processes) {
    totals_.wanted = options.last - options.first + 1;
  }

  result<swarm_totals> run();

private:
  /// A child, and the seed it is at.
  struct slot {
    std::unique_ptr<child_process> child;
    std::optional<std::uint64_t> seed;
    real_clock::time_point since;
  };

  bool is_done() const;
  result<void> feed();
  result<void> start(slot& one);
  void wait();
  void take(std::uint64_t seed, const std::string& text);
  void fail(std::uint64_t seed, std::string rule, std::string detail);
  void end_slow();

  const swarm_options& options_;
  std::uint64_t next_;
  std::vector<slot> slots_;
  swarm_totals totals_;
};

bool swarm::is_done() const {
  return totals_.seeds == totals_.wanted;
}

result<void> swarm::start(slot& one) {
  auto started =
    child_process::start([options = options_](const std::string& message) {
      return run_seed(options, std::stoull(message));
    });
  if (!started)
    return started.error();
  one.child = std::move(*started);
  return {};
}

/// Gives every idle child its next seed.
result<void> swarm::feed() {
  for (auto& one : slots_) {
    if (one.seed || next_ - options_.first == totals_.wanted)
      continue;
    if (!one.child)
      if (auto started = start(one); !started)
        return started;
    one.seed = next_++;
    one.since = real_clock::now();
    // A child that is gone is noticed when it is listened to.
    one.child->send(std::to_string(*one.seed));
  }
  return {};
}

void swarm::wait() {
  constexpr int look_interval_ms = 100;
  std::vector<pollfd> entries;
  for (const auto& one : slots_)
    entries.push_back({one.seed ? one.child->descriptor() : -1, POLLIN, 0});
  if (::poll(entries.data(), entries.size(), look_interval_ms) <= 0)
    return;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (entries[i].revents == 0)
      continue;
    auto& one = slots_[i];
    auto seed = *std::exchange(one.seed, std::nullopt);
    if (auto report = one.child->receive()) {
      take(seed, *report);
      continue;
    }
    fail(seed, std::string{rule_crashed}, one.child->end());
    one.child.reset();
  }
}

void swarm::take(std::uint64_t seed, const std::string& text) {
  auto report = json::parse(text, nullptr, false);
  if (report.is_discarded())
    return fail(seed, std::string{rule_crashed}, "its report cannot be read");
  if (options_.keep_traces)
    totals_.traces[seed] = report["trace"].get<std::uint64_t>();
  totals_.steps += report["steps"].get<std::uint64_t>();
  totals_.simulated += microseconds{report["simulated"].get<std::int64_t>()};
  add(totals_.faults, report["faults"]);
  add(totals_.frames, report["frames"]);
  add(totals_.tasks, report["tasks"]);
  totals_.jobs_completed += report["completed"].get<std::uint64_t>();
  totals_.jobs_failed += report["failed"].get<std::uint64_t>();
  totals_.results_checked += report["checked"].get<std::uint64_t>();
  totals_.divergences += report["diverges"].get<bool>() ? 1u : 0u;
  if (report.contains("rule"))
    return fail(seed, report["rule"].get<std::string>(),
                report["detail"].get<std::string>());
  ++totals_.seeds;
}

void swarm::fail(std::uint64_t seed, std::string rule, std::string detail) {
  ++totals_.seeds;
  ++totals_.failed;
  auto& list = totals_.failures;
  auto place = std::upper_bound(
    list.begin(), list.end(), seed,
    [](std::uint64_t value, const auto& known) { return value < known.seed; });
  list.insert(place, {seed, std::move(rule), std::move(detail)});
  if (list.size() > swarm_totals::failures_listed)
    list.pop_back();
}

void swarm::end_slow() {
  auto now = real_clock::now();
  for (auto& one : slots_) {
    if (!one.seed || now - one.since < options_.guard)
      continue;
    auto seed = *std::exchange(one.seed, std::nullopt);
    one.child.reset();
    fail(seed, std::string{rule_hangs},
         "it was not done after "
           + std::to_string(options_.guard.count() / 1'000)
           + " s of real time");
  }
}

result<swarm_totals> swarm::run() {
  auto start = real_clock::now();
  while (!is_done() && !totals_.interrupted) {
    if (auto fed = feed(); !fed)
      return fed.error();
    wait();
    end_slow();
    totals_.took =
      std::chrono::duration_cast<milliseconds>(real_clock::now() - start);
    totals_.interrupted = !is_done() && options_.stopped && options_.stopped();
    if (options_.progress)
      options_.progress(totals_);
  }
  return totals_;
}

} // namespace

result<swarm_totals> run_swarm(const swarm_options& options) {
  return swarm{options}.run();
}

} // namespace artel::sim
