// A whole network in one process and on one thread: nodes as in production,
// over simulated links and scripted executors, in virtual time. The seed
// decides everything, also which of the ready actors runs next.
#pragma once

#include "actors/environment.hpp"
#include "actors/interfaces.hpp"
#include "actors/messages.hpp"
#include "actors/node_storage.hpp"
#include "actors/worker.hpp"
#include "protocol/core/random.hpp"
#include "protocol/identity/hash.hpp"
#include "tests/actors/executor.hpp"
#include "tests/actors/network.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduled_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <doctest/doctest.h>

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace artel::testing {

inline constexpr std::string_view network_name = "test";

/// Outputs how many primes lie in the job's range, as count_primes does.
scripted_run honest(const sandbox::run_request& request);

/// A wrong number, another for each liar.
script liar(std::uint64_t number);

/// A run that ended with an exit code other than zero.
scripted_run crash(std::string stderr_tail);

scripted_run answer(std::string_view output,
                    milliseconds duration = milliseconds{10});

std::uint64_t count_primes(std::uint64_t first, std::uint64_t last);

/// How many primes lie in 1..last, cut into so many jobs.
task_spec primes_task(std::uint64_t last, std::uint64_t chunks);

/// One job a file of so many bytes; the files are named "a", "b"...
task_spec files_task(std::size_t files, std::uint64_t bytes_each);

struct node_setup {
  std::string name;
  std::string network{network_name};
  wire::node_role role = wire::node_role::public_;
  credits grant;
  bool explore = false;
  /// Zero: the node runs no jobs.
  std::uint32_t slots = 0;
  script runs = honest;
  std::shared_ptr<bundle_storage> bundles;
  std::shared_ptr<input_fetcher> inputs;
  /// Node whose owner this one shares; unset: an owner of its own.
  std::optional<std::size_t> same_owner_as;
  /// Of a network with a root; see network_keys.
  owner_id root;
  seed_certificate seed;
  join_token token;
  network_view view;
  std::size_t links_target = 0;
  bool exchanges_addresses = true;
  std::vector<std::string> bootstrap;
  std::vector<address_record> addresses;
  std::shared_ptr<node_storage> storage;
  milliseconds keep_alive{0};
  milliseconds idle_timeout{0};
  /// A ledger with its own account alone, as between processes.
  bool own_ledger = false;
};

struct node_handle {
  node_setup setup;
  environment_ptr environment;
  std::shared_ptr<const key_pair> owner_key;
  node_actor actor;
  ledger_actor ledger;
  std::shared_ptr<executor_log> log = std::make_shared<executor_log>();
  std::vector<executor_actor> executors;
};

/// What a task's observer heard.
struct task_run {
  std::optional<task_accepted> accepted;
  std::vector<event> events;
  std::optional<plan_report> plan;
  std::optional<task_report> report;
  /// Batches that are not answered while the world holds answers back.
  std::uint64_t batches = 0;

  std::vector<receipt_recorded> receipts() const;
  std::vector<verdict_recorded> verdicts() const;
};

using task_run_ptr = std::shared_ptr<task_run>;

struct system_config : caf::actor_system_config {
  system_config();
};

class world {
public:
  explicit world(std::uint64_t seed);
  /// Stops all nodes; a failed check where an actor stays behind.
  ~world();
  world(const world&) = delete;
  world& operator=(const world&) = delete;

  /// A client with credits, and workers that are linked to it; each has an
  /// owner of its own, two slots, and does what it is told.
  void add_client(credits grant = whole_credits(1'000));
  void add_workers(std::size_t count, script runs = honest);
  std::size_t add_node(node_setup setup);
  void dial(std::size_t from, const std::string& address);
  /// Links the client to all workers, and waits for the handshakes.
  void connect();

  task_run_ptr
  submit(task_spec spec,
         std::vector<std::shared_ptr<const code_bundle>> bundles = {},
         input_reader read_input = {}, bool plan_only = false);
  /// Submits, and drives the world until the task ends.
  task_report run(task_spec spec);
  void cancel(const task_run_ptr& task);

  using condition = std::function<bool()>;

  /// Drives until the condition holds; false where it does not within the
  /// limit of virtual time.
  bool run_until(const condition& done, milliseconds limit);
  void run_for(milliseconds span);
  /// Until nothing is left to do at this very moment.
  void settle();
  bool await(const task_run_ptr& task,
             milliseconds limit = milliseconds{120'000});

  instant now();
  wall_time calendar() { return wall_clock_(now()); }
  milliseconds elapsed();

  account_state account(const owner_id& owner);
  network_totals totals();
  bool has_log(std::string_view part) const;

  /// Sends a request in the name of a bystander, and gives the answer.
  template <class Answer, class Handle, class Message>
  Answer ask(const Handle& target, Message message) {
    std::optional<Answer> answer;
    caf::error refused;
    act([&](caf::event_based_actor* self) {
      self->request(target, caf::infinite, std::move(message))
        .then([&](const Answer& given) { answer = given; },
              [&](const caf::error& reason) { refused = reason; });
    });
    run_until([&] { return answer.has_value() || refused; },
              milliseconds{60'000});
    CAPTURE(caf::to_string(refused));
    REQUIRE(answer.has_value());
    return answer.value();
  }

  /// Runs code within an actor.
  void act(std::function<void(caf::event_based_actor*)> code);

  caf::actor_system& system() { return system_; }
  /// Actors alive, those of the world itself included.
  std::size_t living() { return system_.registry().running(); }

  /// A number over all that was observed, its order and its time.
  std::uint64_t fingerprint();

  /// Looks at an actor that is about to run.
  std::function<void(caf::scheduled_actor&)> before_step;
  /// Keeps the observer from answering.
  bool hold_answers = false;
  std::uint64_t steps = 0;
  std::shared_ptr<network> links;
  std::vector<node_handle> nodes;
  std::vector<std::string> log_lines;
  ledger_actor ledger;

private:
  environment_ptr make_environment(const node_setup& setup);
  std::optional<worker_config> worker_setup(std::size_t index);
  observer_actor make_observer(task_run_ptr task);
  void observe(task_run& task, const event_batch& batch);
  void step();
  bool stop();

  system_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  random_generator random_;
  random_generator order_;
  instant start_;
  std::function<wall_time(instant)> wall_clock_;
  caf::actor driver_;
  observer_actor log_observer_;
  std::vector<observer_actor> observers_;
  hasher trace_{"artel.test-trace.v1"};
};

} // namespace artel::testing
