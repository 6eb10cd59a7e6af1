#include "runtime/launch/embedded_network.hpp"

#include "actors/ledger.hpp"
#include "actors/messages.hpp"
#include "actors/node.hpp"
#include "protocol/identity/keys.hpp"
#include "runtime/execution/lying_executor.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/launch/event_observer.hpp"
#include "runtime/launch/local_machine.hpp"
#include "runtime/launch/task_session.hpp"
#include "runtime/net/memory_transport.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace artel::runtime {

namespace {

constexpr std::uint32_t workers_max = 10'000;
constexpr std::string_view network_name = "embedded";
/// Starting thousands of actors takes a while on a small machine.
constexpr std::chrono::seconds start_timeout{60};

std::string address_of(std::uint32_t worker) {
  return "memory:worker-" + std::to_string(worker);
}

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
  environment_ptr make_environment(std::string name, std::string address,
                                   wire::node_role role);
  node_actor spawn_node(const environment_ptr& environment, credits grant,
                        std::optional<worker_config> worker);
  std::shared_ptr<sandbox::executor> liar(std::uint32_t number) const;
  result<void> open_link_to_workers();

  embedded_options options_;
  random_generator random_;
  node_system_config system_config_;
  caf::actor_system system_;
  std::shared_ptr<event_sink> sink_;
  std::function<wall_time(instant)> wall_clock_ = make_wall_clock(system_);
  std::shared_ptr<memory_hub> hub_ = std::make_shared<memory_hub>();
  /// Shared by all workers.
  std::shared_ptr<local_machine> machine_;
  ledger_actor ledger_;
  observer_actor observer_;
  node_actor client_;
  std::vector<node_actor> workers_;
};

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
  set_owner(*environment, key_pair::generate(random_), calendar_now());
  environment->wall_clock = wall_clock_;
  return environment;
}

/// The last workers' jobs don't run at all.
std::shared_ptr<sandbox::executor> embedded::liar(std::uint32_t number) const {
  if (number > options_.workers - options_.saboteurs)
    return std::make_shared<lying_executor>(number);
  return nullptr;
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
  config.plain_addresses = true;
  config.worker = std::move(worker);
  random_.fill(config.random_seed);
  return system_.spawn(make_node, std::move(config));
}

result<void> embedded::build() {
  auto machine = local_machine::open(options_.sandbox, options_.slots);
  if (!machine)
    return machine.error();
  machine_ = std::move(*machine);
  observer_ = spawn_event_observer(system_, sink_);
  ledger_ = system_.spawn(make_ledger, ledger_config{wall_clock_});
  for (std::uint32_t i = 1; i <= options_.workers; ++i) {
    auto environment = make_environment(
      "worker-" + std::to_string(i), address_of(i), wire::node_role::public_);
    auto slots =
      std::max<std::uint32_t>(machine_->slots() / options_.workers, 1);
    workers_.push_back(
      spawn_node(environment, account_table::newcomer_grant,
                 machine_->worker(environment, observer_, slots, liar(i))));
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

plan_report embedded::plan(const submission& task) {
  auto plan = plan_at(system_, client_, task, observer_, *sink_);
  if (auto problem = machine_->sandbox_problem(task))
    plan.problems.push_back(*problem);
  return plan;
}

task_report embedded::run(const submission& task, event_handler on_event,
                          std::stop_token stop) {
  // Tried here, before anything is submitted, so that bids need not wait for
  // it.
  if (auto problem = machine_->sandbox_problem(task)) {
    task_report report;
    report.name = task.spec.name;
    report.state = task_state::failed;
    report.problem = *problem;
    return report;
  }
  return run_at(system_, client_, task, observer_, *sink_, std::move(on_event),
                stop);
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
