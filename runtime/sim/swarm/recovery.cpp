#include "runtime/sim/swarm/recovery.hpp"

#include "protocol/core/random.hpp"
#include "runtime/sim/world.hpp"

#include <algorithm>
#include <cassert>
#include <string>
#include <utility>

namespace artel::sim {

namespace {

constexpr std::uint32_t workers = 6;
constexpr std::uint32_t jobs_a_worker = 2;
/// For links, bids and the first assignments; generous, as frames are lost.
constexpr microseconds start_patience{120'000'000};

/// A client, workers that are linked to it, and a task that keeps them busy.
class busy_world {
public:
  busy_world(std::uint64_t seed, const recovery_point& point,
             std::uint32_t worker_count);

  /// False where not all of so many jobs run in time.
  bool start(std::uint32_t jobs, milliseconds each, std::stop_token stop);

  /// Runs that have begun, on all workers but one.
  std::uint64_t started(node_index except = no_node) const;
  /// A worker by its number.
  node_index worker(std::uint32_t number) const { return number + 1; }

  world all;

private:
  static world_options options_of(std::uint64_t seed,
                                  const recovery_point& point);

  std::uint32_t worker_count_;
};

world_options busy_world::options_of(std::uint64_t seed,
                                     const recovery_point& point) {
  world_options options;
  options.seed = seed;
  options.links.latency = point.latency;
  options.links.shape = latency_shape::uniform;
  options.links.loss = point.loss;
  // Their cost is not what is measured, and virtual time doesn't know it.
  options.crypto = signature_kind::modelled;
  options.check = false;
  // Every worker to the client, which is the first; to no other worker.
  options.links_per_node = 0;
  return options;
}

busy_world::busy_world(std::uint64_t seed, const recovery_point& point,
                       std::uint32_t worker_count)
  : all(options_of(seed, point)),
    worker_count_(worker_count) {
  node_options client;
  client.name = "client";
  client.role = wire::node_role::client;
  client.grant = account_table::balance_max;
  static_cast<void>(all.add_node(std::move(client)).ok());
  for (std::uint32_t i = 0; i < worker_count; ++i) {
    node_options one;
    one.name = "worker-" + std::to_string(i + 1);
    static_cast<void>(all.add_node(std::move(one)).ok());
    all.connect(worker(i), 0);
  }
}

task_spec long_task(std::uint32_t jobs, milliseconds each) {
  task_spec spec;
  spec.name = "long";
  spec.type = task_type::range_reduce;
  spec.source.kind = source_kind::range;
  spec.source.first = 1;
  spec.source.last = jobs;
  spec.source.chunks = jobs;
  spec.code.kernel = "noop";
  spec.reduce = reduce_operation::count;
  spec.verification.replicas = 1;
  spec.estimate = each;
  spec.limits.wall_time = each * 4;
  spec.limits.cpu_time = each * 4;
  // Long jobs are dear.
  spec.cpu_permille = 1;
  spec.ram_bytes = 1;
  spec.disk_bytes = 0;
  return spec;
}

std::uint64_t busy_world::started(node_index except) const {
  std::uint64_t sum = 0;
  for (std::uint32_t i = 0; i < worker_count_; ++i)
    if (worker(i) != except)
      sum += all.node(worker(i)).machine->started;
  return sum;
}

bool busy_world::start(std::uint32_t jobs, milliseconds each,
                       std::stop_token stop) {
  auto has_all_links = [this] { return all.peer_count(0) >= worker_count_; };
  if (all.run_until(has_all_links, start_patience, stop) != drive_end::reached)
    return false;
  if (!all.submit(0, {long_task(jobs, each), {}}))
    return false;
  return all.run_until([&] { return started() >= jobs; }, start_patience, stop)
         == drive_end::reached;
}

} // namespace

void recovery_times::add(const recovery_times& other) {
  times.insert(times.end(), other.times.begin(), other.times.end());
  unrecovered += other.unrecovered;
  unstarted += other.unstarted;
}

void false_alarms::add(const false_alarms& other) {
  alarms += other.alarms;
  link_time += other.link_time;
}

recovery_times measure_recovery(std::uint64_t seed, const recovery_point& point,
                                crash_kind kind, std::stop_token stop) {
  recovery_times measured;
  busy_world busy{seed, point, workers};
  constexpr milliseconds each{600'000};
  if (!busy.start(workers * jobs_a_worker, each, stop)) {
    measured.unstarted = stop.stop_requested() ? 0 : 1;
    return measured;
  }
  // At any moment between two heartbeats.
  auto random = random_generator::from_number(seed ^ 0x7265'636f'7665);
  constexpr std::uint64_t settling_us = 1'000'000;
  auto wait = settling_us + random.below(settling_us);
  auto victim = busy.worker(static_cast<std::uint32_t>(random.below(workers)));
  static_cast<void>(busy.all.run_for(microseconds{wait}, stop));
  auto jobs = busy.all.node(victim).machine->running();
  auto before = busy.started(victim);
  auto killed = busy.all.elapsed();
  static_cast<void>(busy.all.kill(victim, kind).ok());
  // No other job begins: each start is that of one of the dead worker's.
  auto look = [&] {
    while (measured.times.size() < jobs
           && busy.started(victim) > before + measured.times.size())
      measured.times.push_back(busy.all.elapsed() - killed);
    return measured.times.size() == jobs;
  };
  static_cast<void>(busy.all.run_until(look, recovery_patience, stop));
  if (!stop.stop_requested())
    measured.unrecovered = jobs - measured.times.size();
  return measured;
}

false_alarms measure_false_alarms(std::uint64_t seed,
                                  const recovery_point& point,
                                  std::uint32_t links, microseconds span,
                                  std::stop_token stop) {
  false_alarms measured;
  busy_world busy{seed, point, links};
  // None of them ends before the measurement does.
  auto each =
    std::chrono::duration_cast<milliseconds>(span) + milliseconds{3'600'000};
  if (!busy.start(links, each, stop))
    return measured;
  // A replica that is given up starts anew elsewhere.
  auto before = busy.started();
  auto begun = busy.all.elapsed();
  static_cast<void>(busy.all.run_for(span, stop));
  measured.alarms = busy.started() - before;
  measured.link_time = (busy.all.elapsed() - begun) * links;
  return measured;
}

microseconds percentile(const std::vector<microseconds>& times,
                        std::uint32_t permille) {
  assert(!times.empty() && permille <= 1'000);
  auto rank = (times.size() * permille + 999) / 1'000;
  return times[std::max<std::size_t>(rank, 1) - 1];
}

} // namespace artel::sim
