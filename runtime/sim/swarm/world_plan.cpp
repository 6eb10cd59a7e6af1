#include "runtime/sim/swarm/world_plan.hpp"

#include "protocol/task/message_text.hpp"
#include "runtime/sim/swarm/plan_faults.hpp"

#include <algorithm>
#include <array>
#include <cassert>

namespace artel::sim {

namespace {

class plan_maker {
public:
  plan_maker(std::uint64_t seed, const plan_options& options)
    : options_(options),
      draw_{seed} {
    plan_.seed = seed;
    plan_.crypto = options.crypto;
  }

  world_plan make();

private:
  bool is_heavy() const { return options_.faults == fault_level::heavy; }

  void add_nodes();
  planned_node worker(std::size_t number);
  void add_misbehaviour();
  void add_tasks();
  planned_task task(std::size_t number);
  void choose_kernel(planned_task& target);
  void choose_verification(planned_task& target);
  void choose_terms(planned_task& target);
  std::size_t worker_count() const;
  std::size_t owner_count() const;

  plan_options options_;
  plan_draw draw_;
  world_plan plan_;
};

world_plan plan_maker::make() {
  plan_.span = draw_.time(10'000, 40'000);
  plan_.links = draw_links(draw_, options_.faults);
  add_nodes();
  add_tasks();
  if (options_.faults != fault_level::none) {
    add_misbehaviour();
    add_faults(draw_, options_.faults, plan_);
  }
  return std::move(plan_);
}

void plan_maker::add_nodes() {
  auto count = static_cast<std::size_t>(
    draw_.number(nodes_default_min, nodes_default_max));
  if (options_.nodes)
    count = *options_.nodes;
  assert(count >= plan_nodes_min && count <= plan_nodes_max);
  auto clients = count >= 5 && draw_.percent(30) ? 2u : 1u;
  for (std::size_t i = 0; i < clients; ++i) {
    planned_node client;
    client.name = i == 0 ? "alice" : "bob";
    client.is_client = true;
    // Now and then one that cannot pay for much.
    client.credits = static_cast<std::uint32_t>(
      draw_.percent(3) ? 1 : draw_.number(100, 2'000));
    plan_.nodes.push_back(std::move(client));
  }
  for (std::size_t i = 1; plan_.nodes.size() < count; ++i)
    plan_.nodes.push_back(worker(i));
}

planned_node plan_maker::worker(std::size_t number) {
  constexpr std::array<std::uint32_t, 5> scores{500, 1'000, 1'000, 2'000,
                                                4'000};
  planned_node made;
  made.name = "worker-" + std::to_string(number);
  made.cores = static_cast<std::uint32_t>(draw_.number(1, 8));
  made.cpu_score = draw_.pick(scores);
  // People with several machines.
  if (number > 1 && draw_.percent(10))
    made.shares_owner_of = "worker-" + std::to_string(number - 1);
  // The first three are there from the beginning.
  if (options_.faults != fault_level::none && number > 3 && draw_.percent(15))
    made.joins = draw_.time(100, 10'000);
  return made;
}

/// Of workers, those that share an owner counted once.
std::size_t plan_maker::owner_count() const {
  return static_cast<std::size_t>(
    std::count_if(plan_.nodes.begin(), plan_.nodes.end(), [](const auto& one) {
      return !one.is_client && one.shares_owner_of.empty()
             && one.joins.count() == 0;
    }));
}

std::size_t plan_maker::worker_count() const {
  return static_cast<std::size_t>(
    std::count_if(plan_.nodes.begin(), plan_.nodes.end(),
                  [](const auto& one) { return !one.is_client; }));
}

void plan_maker::add_misbehaviour() {
  auto most = is_heavy() ? worker_count() / 3 : worker_count() / 4;
  for (auto& node : plan_.nodes) {
    if (most == 0 || node.is_client || !draw_.percent(is_heavy() ? 50 : 12))
      continue;
    node.how = draw_behaviour(draw_);
    --most;
  }
}

void plan_maker::add_tasks() {
  auto count = draw_.number(1, 4);
  for (std::size_t i = 1; i <= count; ++i)
    plan_.tasks.push_back(task(i));
}

planned_task plan_maker::task(std::size_t number) {
  planned_task made;
  made.name = "task-" + std::to_string(number);
  // Links have to come up first.
  made.when = draw_.time(500, 8'000);
  std::vector<std::string> clients;
  for (const auto& node : plan_.nodes)
    if (node.is_client)
      clients.push_back(node.name);
  made.owner = draw_.pick(clients);
  // Whoever works for others may have work of its own.
  if (draw_.percent(10))
    made.owner = "worker-1";
  choose_kernel(made);
  choose_verification(made);
  choose_terms(made);
  return made;
}

void plan_maker::choose_kernel(planned_task& target) {
  struct choice {
    std::string_view kernel;
    reduce_operation reduce;
  };
  constexpr std::array<choice, 7> choices{{
    {"count_primes", reduce_operation::sum},
    {"count_primes", reduce_operation::sum},
    {"sum", reduce_operation::sum},
    {"min", reduce_operation::min},
    {"max", reduce_operation::max},
    {"sum_polynomial", reduce_operation::sum},
    {"noop", reduce_operation::count},
  }};
  const auto& chosen = draw_.pick(choices);
  target.kernel = chosen.kernel;
  target.reduce = chosen.reduce;
  target.jobs = static_cast<std::uint32_t>(draw_.number(5, 40));
  target.first = draw_.number(1, 100'000);
  auto a_job = draw_.number(1, 500);
  target.last = target.first + a_job * target.jobs - 1;
  if (chosen.kernel == "sum_polynomial")
    for (auto left = draw_.number(1, 4); left > 0; --left)
      target.arguments.push_back(std::to_string(draw_.number(0, 9)));
}

void plan_maker::choose_verification(planned_task& target) {
  constexpr std::array<std::uint32_t, 6> counts{1, 2, 3, 3, 3, 5};
  constexpr std::array<std::int32_t, 4> shares{660'000, 660'000, 510'000,
                                               1'000'000};
  target.replicas = draw_.pick(counts);
  // Mostly as many as can be had, though one or two may be down.
  auto most = std::max<std::size_t>(owner_count(), 3) - 2;
  if (target.replicas > most && !draw_.percent(10))
    target.replicas = static_cast<std::uint32_t>(most);
  target.replicas_max =
    target.replicas
    + static_cast<std::uint32_t>(draw_.percent(15) ? 0 : draw_.number(1, 4));
  target.agreement_ppm = draw_.pick(shares);
}

void plan_maker::choose_terms(planned_task& target) {
  target.estimate = draw_.time(20, 2'000);
  // Above what the slowest machine needs, for all that slows it down.
  target.wall_time = std::max(milliseconds{10'000}, target.estimate * 12);
  target.urgency = static_cast<urgency_level>(draw_.number(1, 4));
  target.strategy = static_cast<placement_strategy>(draw_.number(1, 4));
  if (draw_.percent(15))
    target.deadline = draw_.time(2'000, 60'000);
  target.attempts_max = static_cast<std::uint32_t>(draw_.number(2, 8));
  target.failed_jobs_max =
    static_cast<std::uint32_t>(draw_.percent(30) ? 0 : draw_.number(1, 10));
  if (draw_.percent(30))
    target.window = static_cast<std::uint32_t>(draw_.number(1, 16));
  if (draw_.percent(10))
    target.cancelled = target.when + draw_.time(1, 10'000);
}

} // namespace

std::string_view to_string(fault_level level) noexcept {
  switch (level) {
    case fault_level::none: return "none";
    case fault_level::moderate: return "default";
    case fault_level::heavy: return "heavy";
  }
  return "unknown";
}

result<fault_level> parse_fault_level(std::string_view text) {
  for (auto level :
       {fault_level::none, fault_level::moderate, fault_level::heavy})
    if (text == to_string(level))
      return level;
  return {errc::invalid_argument,
          artel::quoted(text)
            + " is no kind of world; expected none, default or heavy"};
}

world_plan make_plan(std::uint64_t seed, const plan_options& options) {
  return plan_maker{seed, options}.make();
}

milliseconds settle_bound_of(const world_plan& plan) {
  constexpr milliseconds least{120'000};
  // Reference machines have 1000.
  std::uint32_t slowest = 1'000;
  for (const auto& node : plan.nodes)
    slowest = std::min(slowest, node.cpu_score);
  std::int64_t work_ms = 0;
  for (const auto& task : plan.tasks)
    work_ms += task.estimate.count() * task.jobs * task.replicas;
  return least + milliseconds{work_ms * 1'000 / std::max(slowest, 1u)};
}

node_options options_of(const planned_node& node) {
  node_options options;
  options.name = node.name;
  options.role =
    node.is_client ? wire::node_role::client : wire::node_role::public_;
  options.grant = whole_credits(node.credits);
  options.cores = node.cores;
  options.cpu_score = node.cpu_score;
  options.how = node.how;
  return options;
}

task_spec spec_of(const planned_task& task) {
  task_spec spec;
  spec.name = task.name;
  spec.type = task_type::range_reduce;
  spec.source.kind = source_kind::range;
  spec.source.first = task.first;
  spec.source.last = task.last;
  spec.source.chunks = task.jobs;
  spec.code.kernel = task.kernel;
  spec.code.kernel_arguments = task.arguments;
  spec.reduce = task.reduce;
  spec.limits.wall_time = task.wall_time;
  spec.limits.cpu_time = task.wall_time;
  spec.verification.replicas = task.replicas;
  spec.verification.replicas_max = task.replicas_max;
  spec.verification.agreement = ppm{task.agreement_ppm};
  spec.urgency = task.urgency;
  spec.strategy = task.strategy;
  spec.estimate = task.estimate;
  spec.deadline = task.deadline;
  spec.attempts_max = task.attempts_max;
  spec.failed_jobs_max = task.failed_jobs_max;
  spec.window = task.window;
  return spec;
}

} // namespace artel::sim
