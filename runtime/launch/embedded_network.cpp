#include "runtime/launch/embedded_network.hpp"

#include "actors/ledger.hpp"
#include "actors/messages.hpp"
#include "actors/node.hpp"
#include "protocol/identity/keys.hpp"
#include "runtime/execution/disk_bundles.hpp"
#include "runtime/execution/lying_executor.hpp"
#include "runtime/execution/run_gate.hpp"
#include "runtime/execution/sandbox_executor.hpp"
#include "runtime/launch/event_observer.hpp"
#include "runtime/launch/input_reader.hpp"
#include "runtime/launch/machine.hpp"
#include "runtime/net/memory_transport.hpp"
#include "sandbox/local_executor.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <sodium.h>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

namespace artel::runtime {

namespace {

constexpr std::uint32_t workers_max = 10'000;
constexpr std::string_view network_name = "embedded";
/// Starting thousands of actors takes a while on a small machine.
constexpr std::chrono::seconds start_timeout{60};

random_generator::seed_type entropy() {
  random_generator::seed_type seed;
  randombytes_buf(seed.data(), seed.size());
  return seed;
}

wall_time calendar_now() {
  return std::chrono::time_point_cast<milliseconds>(
    std::chrono::system_clock::now());
}

std::string address_of(std::uint32_t worker) {
  return "memory:worker-" + std::to_string(worker);
}

/// Collects what a run's events say, and wakes whoever waits for the end.
class run_watch {
public:
  explicit run_watch(event_handler forward) : forward_(std::move(forward)) {}

  void handle(const event& one) {
    if (forward_)
      forward_(one);
    std::lock_guard guard{mutex_};
    if (const auto* planned = std::get_if<task_planned>(&one))
      plan_ = planned->plan;
    else if (const auto* finished = std::get_if<task_finished>(&one))
      report_ = finished->report;
    changed_.notify_all();
  }

  plan_report await_plan() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return plan_.has_value(); });
    return *plan_;
  }

  task_report await_report() {
    std::unique_lock lock{mutex_};
    changed_.wait(lock, [this] { return report_.has_value(); });
    return *report_;
  }

private:
  event_handler forward_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::optional<plan_report> plan_;
  std::optional<task_report> report_;
};

/// Computing stays off the scheduler's threads, so few of those are enough; and
/// threads that poll for work would take it from the sandboxes.
struct embedded_system_config : caf::actor_system_config {
  embedded_system_config() {
    set("scheduler.max-threads",
        std::max<std::uint32_t>(usable_cores() - 1, 1));
    set("work-stealing.aggressive-poll-attempts", std::size_t{0});
    set("work-stealing.moderate-poll-attempts", std::size_t{0});
  }
};

class embedded final : public embedded_network {
public:
  explicit embedded(const embedded_options& options)
    : options_(options),
      random_(entropy()),
      system_(system_config_),
      sink_(std::make_shared<event_sink>(options.log_threshold)) {}

  ~embedded() override {
    caf::anon_send(client_, stop_actor{});
    for (const auto& worker : workers_)
      caf::anon_send(worker, stop_actor{});
    caf::anon_send_exit(ledger_, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(observer_, caf::exit_reason::user_shutdown);
    // Handles held here would keep actors alive that the system waits for.
    workers_.clear();
    client_ = node_actor{};
    ledger_ = ledger_actor{};
    observer_ = observer_actor{};
    system_.await_all_actors_done();
  }

  result<void> build();

  plan_report plan(const submission& task) override;

  task_report run(const submission& task, event_handler on_event,
                  std::stop_token stop) override;

private:
  std::function<wall_time(instant)> make_wall_clock();
  environment_ptr make_environment(std::string name, std::string address,
                                   wire::node_role role);
  node_actor spawn_node(const environment_ptr& environment, credits grant,
                        std::optional<worker_config> worker);
  worker_config make_worker_config(const environment_ptr& environment,
                                   std::uint32_t number, std::uint32_t slots);
  std::shared_ptr<sandbox::executor> make_executor(std::uint32_t number);
  result<void> take_share();
  result<void> open_link_to_workers();
  std::optional<failure> sandbox_problem(const submission& task);
  result<task_accepted> submit(const submission& task, bool plan_only);

  embedded_options options_;
  random_generator random_;
  embedded_system_config system_config_;
  caf::actor_system system_;
  std::shared_ptr<event_sink> sink_;
  std::function<wall_time(instant)> wall_clock_ = make_wall_clock();
  std::shared_ptr<memory_hub> hub_ = std::make_shared<memory_hub>();
  std::shared_ptr<run_gate> gate_;
  wire::capabilities machine_;
  /// Shared by all workers.
  std::shared_ptr<sandbox::local_executor> machine_executor_;
  /// Null where nothing is kept on disk.
  std::shared_ptr<bundle_storage> bundles_;
  ledger_actor ledger_;
  observer_actor observer_;
  node_actor client_;
  std::vector<node_actor> workers_;
};

std::function<wall_time(instant)> embedded::make_wall_clock() {
  // The steady clock carries the calendar on, so that both move alike.
  auto start = calendar_now();
  auto steady = std::chrono::duration_cast<microseconds>(
    system_.clock().now().time_since_epoch());
  return [start, steady](instant now) {
    auto passed = now.time_since_epoch() - steady;
    return start + std::chrono::duration_cast<milliseconds>(passed);
  };
}

environment_ptr embedded::make_environment(std::string name,
                                           std::string address,
                                           wire::node_role role) {
  auto environment = std::make_shared<node_environment>();
  environment->network = network_name;
  environment->display_name = std::move(name);
  environment->address = std::move(address);
  environment->role = role;
  environment->key =
    std::make_shared<const key_pair>(key_pair::generate(random_));
  // Each node has an owner of its own: replicas need distinct ones.
  environment->owner = key_pair::generate(random_).owner();
  environment->wall_clock = wall_clock_;
  return environment;
}

std::shared_ptr<sandbox::executor>
embedded::make_executor(std::uint32_t number) {
  if (number > options_.workers - options_.saboteurs)
    return std::make_shared<lying_executor>(number);
  return machine_executor_;
}

worker_config embedded::make_worker_config(const environment_ptr& environment,
                                           std::uint32_t number,
                                           std::uint32_t slots) {
  worker_config config;
  config.environment = environment;
  config.observer = observer_;
  config.offer = machine_;
  config.offer.slots = slots;
  config.bundles = bundles_;
  config.admits = [machine = machine_executor_](
                    const code_ref& code, const execution_limits& limits) {
    return machine->check(code.sandbox, limits);
  };
  sandbox_executor_config executor;
  executor.executor = make_executor(number);
  executor.gate = gate_;
  executor.wall_clock = calendar_now;
  config.executors = [executor](caf::actor_system& system, std::size_t) {
    return spawn_sandbox_executor(system, executor);
  };
  return config;
}

node_actor embedded::spawn_node(const environment_ptr& environment,
                                credits grant,
                                std::optional<worker_config> worker) {
  caf::scoped_actor self{system_};
  self->request(ledger_, start_timeout, open_account{environment->owner, grant})
    .receive([](const ledger_answer&) {}, [](const caf::error&) {});
  node_config config;
  config.environment = environment;
  config.ledger = ledger_;
  config.observer = observer_;
  config.transport = [hub = hub_, address = environment->address](
                       caf::actor_system& system, const node_actor& node) {
    return transport_actor{system.spawn(
      make_memory_transport, memory_transport_config{hub, address, node})};
  };
  config.explore = !worker.has_value();
  config.worker = std::move(worker);
  random_.fill(config.random_seed);
  return system_.spawn(make_node, std::move(config));
}

/// The workers offer no more than the share of the machine that they may use.
result<void> embedded::take_share() {
  const auto& share = options_.sandbox.process.share;
  if (share.cpu_permille > machine_.cores * 1'000)
    return {errc::out_of_range,
            "a share of " + std::to_string(share.cpu_permille / 1'000)
              + " cores; this machine has " + std::to_string(machine_.cores)};
  if (share.memory_bytes > machine_.ram_bytes)
    return {errc::out_of_range, "a share of "
                                  + std::to_string(share.memory_bytes)
                                  + " bytes of memory; this machine has "
                                  + std::to_string(machine_.ram_bytes)};
  if (share.cpu_permille > 0)
    machine_.cores = (share.cpu_permille + 999) / 1'000;
  if (share.memory_bytes > 0)
    machine_.ram_bytes = share.memory_bytes;
  return {};
}

result<void> embedded::build() {
  machine_ = measure_machine();
  if (auto taken = take_share(); !taken)
    return taken;
  auto slots = options_.slots > 0 ? options_.slots : machine_.cores;
  auto memory = options_.sandbox.process.share.memory_bytes;
  gate_ = std::make_shared<run_gate>(
    slots, memory > 0 ? memory : run_gate::no_memory_bound);
  machine_executor_ =
    std::make_shared<sandbox::local_executor>(options_.sandbox);
  if (const auto& cache = options_.sandbox.cache_directory; !cache.empty()) {
    auto opened = disk_bundles::open(cache);
    if (!opened)
      return opened.error();
    bundles_ = std::move(*opened);
  }
  observer_ = spawn_event_observer(system_, sink_);
  ledger_ = system_.spawn(make_ledger, ledger_config{wall_clock_});
  for (std::uint32_t i = 1; i <= options_.workers; ++i) {
    auto environment = make_environment(
      "worker-" + std::to_string(i), address_of(i), wire::node_role::public_);
    auto share = std::max<std::uint32_t>(slots / options_.workers, 1);
    workers_.push_back(spawn_node(environment, account_table::newcomer_grant,
                                  make_worker_config(environment, i, share)));
  }
  client_ = spawn_node(
    make_environment("client", "memory:client", wire::node_role::client),
    options_.client_credits, std::nullopt);
  return open_link_to_workers();
}

result<void> embedded::open_link_to_workers() {
  // The first worker is everybody's bootstrap node; the client learns the
  // others from it. An exchange names so many peers at most: beyond, it is told
  // all.
  for (std::size_t i = 1; i < workers_.size(); ++i)
    caf::anon_send(workers_[i], dial{address_of(1)});
  caf::scoped_actor self{system_};
  std::optional<failure> problem;
  auto wait = [&](const node_actor& node, std::size_t count) {
    self->request(node, start_timeout, await_peers{count})
      .receive([](const peers_present&) {},
               [&problem](const caf::error& reason) {
                 problem = failure{errc::timed_out,
                                   "the embedded network did not come up: "
                                     + caf::to_string(reason)};
               });
  };
  wait(workers_.front(), workers_.size() - 1);
  auto known = workers_.size() <= limits::peers_per_exchange_max
                 ? std::uint32_t{1}
                 : options_.workers;
  for (std::uint32_t i = 1; i <= known && !problem; ++i)
    caf::anon_send(client_, dial{address_of(i)});
  if (!problem)
    wait(client_, workers_.size());
  return problem ? result<void>{*problem} : result<void>{};
}

/// Tried here, before anything is submitted, so that bids need not wait for it.
std::optional<failure> embedded::sandbox_problem(const submission& task) {
  for (const auto* code : {&task.spec.code, &task.spec.reduce_code}) {
    if (code->bundle.is_zero())
      continue;
    auto checked = machine_executor_->check(code->sandbox, task.spec.limits);
    // What the workers refuse, they refuse by themselves.
    if (!checked && checked.error().code == errc::sandbox_unavailable)
      return checked.error();
  }
  return std::nullopt;
}

result<task_accepted> embedded::submit(const submission& task, bool plan_only) {
  caf::scoped_actor self{system_};
  result<task_accepted> accepted{errc::unreachable, "the node did not answer"};
  submit_task message;
  message.spec = task.spec;
  message.bundles = task.bundles;
  message.read_input = read_chunk;
  message.observer = observer_;
  message.plan_only = plan_only;
  self->request(client_, start_timeout, std::move(message))
    .receive([&accepted](const task_accepted& answer) { accepted = answer; },
             [&accepted](const caf::error& reason) {
               accepted = {errc::unreachable, "the node did not answer: "
                                                + caf::to_string(reason)};
             });
  return accepted;
}

plan_report embedded::plan(const submission& task) {
  run_watch watch{{}};
  sink_->listen([&watch](const event& one) { watch.handle(one); });
  auto accepted = submit(task, true);
  plan_report plan;
  if (accepted)
    plan = watch.await_plan();
  else
    plan.problems.push_back(accepted.error());
  sink_->listen({});
  if (auto problem = sandbox_problem(task))
    plan.problems.push_back(*problem);
  return plan;
}

task_report embedded::run(const submission& task, event_handler on_event,
                          std::stop_token stop) {
  task_report report;
  report.name = task.spec.name;
  report.state = task_state::failed;
  if (auto problem = sandbox_problem(task)) {
    report.problem = *problem;
    return report;
  }
  run_watch watch{std::move(on_event)};
  sink_->listen([&watch](const event& one) { watch.handle(one); });
  auto accepted = submit(task, false);
  if (accepted) {
    std::stop_callback cancel{
      stop,
      [&accepted] { caf::anon_send(accepted->coordinator, cancel_task{}); }};
    report = watch.await_report();
  } else {
    report.problem = accepted.error();
  }
  sink_->listen({});
  return report;
}

} // namespace

result<std::unique_ptr<embedded_network>>
embedded_network::start(const embedded_options& options) {
  if (options.workers == 0 || options.workers > workers_max)
    return {errc::invalid_argument,
            "an embedded network has 1 to " + std::to_string(workers_max)
              + " workers, not " + std::to_string(options.workers)};
  if (options.saboteurs > options.workers)
    return {errc::invalid_argument,
            "there are " + std::to_string(options.saboteurs)
              + " saboteurs, but only " + std::to_string(options.workers)
              + " workers"};
  if (options.client_credits > account_table::balance_max)
    return {errc::out_of_range,
            "an account holds at most " + to_string(account_table::balance_max)
              + " credits, not " + to_string(options.client_credits)};
  initialize_crypto();
  auto network = std::make_unique<embedded>(options);
  if (auto built = network->build(); !built)
    return built.error();
  return std::unique_ptr<embedded_network>{std::move(network)};
}

} // namespace artel::runtime
