#include "tests/actors/world.hpp"

#include "actors/defaults.hpp"
#include "actors/ledger.hpp"
#include "actors/node.hpp"
#include "protocol/wire/codec.hpp"

#include <caf/send.hpp>
#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <doctest/doctest.h>

#include <utility>

namespace artel::testing {

/// For the driver: code to run in an actor's name.
struct do_this {
  std::function<void(caf::event_based_actor*)> code;
};

} // namespace artel::testing

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::testing::do_this)

namespace artel::testing {

// -- scripts and tasks --------------------------------------------------------

namespace {

bool is_prime(std::uint64_t n) {
  if (n < 2)
    return false;
  for (std::uint64_t d = 2; d * d <= n; ++d)
    if (n % d == 0)
      return false;
  return true;
}

} // namespace

std::uint64_t count_primes(std::uint64_t first, std::uint64_t last) {
  std::uint64_t count = 0;
  for (auto n = first; n <= last; ++n)
    count += is_prime(n);
  return count;
}

scripted_run answer(std::string_view output, milliseconds duration) {
  scripted_run run;
  run.result.output = to_bytes(output);
  run.duration = duration;
  return run;
}

scripted_run honest(const sandbox::run_request& request) {
  const auto& input = request.input;
  return answer(std::to_string(count_primes(input.first, input.last)));
}

script liar(std::uint64_t number) {
  return [number](const sandbox::run_request& request) {
    return answer(std::to_string(1'000'000 * number + request.index));
  };
}

scripted_run crash(std::string stderr_tail) {
  scripted_run run;
  run.result.outcome = run_outcome::nonzero_exit;
  run.result.exit_code = 1;
  run.result.stderr_tail = std::move(stderr_tail);
  return run;
}

task_spec primes_task(std::uint64_t last, std::uint64_t chunks) {
  task_spec spec;
  spec.name = "primes";
  spec.type = task_type::range_reduce;
  spec.source.kind = source_kind::range;
  spec.source.first = 1;
  spec.source.last = last;
  spec.source.chunks = chunks;
  spec.code.kernel = "count_primes";
  spec.reduce = reduce_operation::sum;
  return spec;
}

task_spec files_task(std::size_t files, std::uint64_t bytes_each) {
  task_spec spec;
  spec.name = "files";
  spec.type = task_type::map;
  spec.source.kind = source_kind::files;
  for (std::size_t i = 0; i < files; ++i)
    spec.source.files.push_back(
      {"/data/" + std::string(1, static_cast<char>('a' + i)), bytes_each});
  spec.code.kernel = "noop";
  return spec;
}

std::vector<receipt_recorded> task_run::receipts() const {
  std::vector<receipt_recorded> found;
  for (const auto& one : events)
    if (const auto* item = std::get_if<receipt_recorded>(&one))
      found.push_back(*item);
  return found;
}

std::vector<verdict_recorded> task_run::verdicts() const {
  std::vector<verdict_recorded> found;
  for (const auto& one : events)
    if (const auto* item = std::get_if<verdict_recorded>(&one))
      found.push_back(*item);
  return found;
}

// -- set-up -------------------------------------------------------------------

system_config::system_config() {
  set("scheduler.policy", caf::atom("testing"));
  set("logger.verbosity", caf::atom("quiet"));
}

namespace {

/// CAF binds a null where an actor is spawned without any argument.
struct driver_config {};

caf::behavior drive(caf::event_based_actor* self, driver_config) {
  return {[self](do_this& m) { m.code(self); }};
}

struct observer_state {
  static inline const char* name = "observer";

  std::function<bool(const event_batch&)> take;
  std::vector<caf::typed_response_promise<events_taken>> unanswered;
};

/// Answers once `take` is content: also what it kept waiting before.
observer_actor::behavior_type
observer(observer_actor::stateful_pointer<observer_state> self,
         std::function<bool(const event_batch&)> take) {
  self->state.take = std::move(take);
  return {[self](const event_batch& batch) {
    auto promise = self->make_response_promise<events_taken>();
    self->state.unanswered.push_back(promise);
    if (self->state.take(batch))
      for (auto& one : std::exchange(self->state.unanswered, {}))
        one.deliver(events_taken{});
    return promise;
  }};
}

} // namespace

world::world(std::uint64_t seed)
  : links(std::make_shared<network>(seed)),
    system_(config_),
    scheduler_(
      dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
    random_(random_generator::from_number(seed + 1)),
    order_(random_generator::from_number(seed + 2)),
    start_(now()) {
  wall_clock_ = [](instant at) {
    // 2025-01-01.
    constexpr wall_time epoch{std::chrono::seconds{1'735'689'600}};
    return epoch
           + std::chrono::duration_cast<milliseconds>(at.time_since_epoch());
  };
  driver_ = system_.spawn(drive, driver_config{});
  log_observer_ = system_.spawn(observer, [this](const event_batch& batch) {
    task_run lines;
    observe(lines, batch);
    return true;
  });
  ledger = system_.spawn(make_ledger, ledger_config{wall_clock_});
}

environment_ptr world::make_environment(const node_setup& setup) {
  auto environment = std::make_shared<node_environment>();
  environment->network = setup.network;
  environment->display_name = setup.name;
  environment->address = setup.name;
  environment->role = setup.role;
  environment->key =
    std::make_shared<const key_pair>(key_pair::generate(random_));
  auto owner = std::make_shared<const key_pair>(key_pair::generate(random_));
  if (setup.same_owner_as)
    owner = nodes[*setup.same_owner_as].owner_key;
  set_owner(*environment, *owner, wall_clock_(now()));
  environment->root = setup.root;
  environment->seed = setup.seed;
  environment->token = setup.token;
  nodes.back().owner_key = std::move(owner);
  environment->wall_clock = wall_clock_;
  return environment;
}

std::optional<worker_config> world::worker_setup(std::size_t index) {
  const auto& node = nodes[index];
  if (node.setup.slots == 0)
    return std::nullopt;
  worker_config worker;
  worker.environment = node.environment;
  worker.observer = log_observer_;
  worker.offer.cpu_score = 1'000;
  worker.offer.cores = 4;
  worker.offer.ram_bytes = std::uint64_t{8} << 30;
  worker.offer.disk_bytes = std::uint64_t{8} << 30;
  worker.offer.slots = node.setup.slots;
  worker.bundles = node.setup.bundles;
  worker.inputs = node.setup.inputs;
  worker.executors = [this, index](caf::actor_system& system, std::size_t) {
    auto& own = nodes[index];
    auto executor =
      spawn_executor(system, {own.setup.runs, own.log, wall_clock_});
    own.executors.push_back(executor);
    return executor;
  };
  return worker;
}

std::size_t world::add_node(node_setup setup) {
  auto index = nodes.size();
  nodes.emplace_back();
  auto& node = nodes.back();
  node.setup = std::move(setup);
  node.environment = make_environment(node.setup);
  node_config config;
  config.environment = node.environment;
  node.ledger = node.setup.own_ledger
                  ? system_.spawn(make_ledger, ledger_config{wall_clock_, true})
                  : ledger;
  config.ledger = node.ledger;
  config.pays_by_claim = node.setup.own_ledger;
  config.observer = log_observer_;
  config.explore = node.setup.explore;
  config.view = node.setup.view;
  config.links_target = node.setup.links_target;
  config.exchanges_addresses = node.setup.exchanges_addresses;
  config.bootstrap = node.setup.bootstrap;
  config.addresses = node.setup.addresses;
  config.storage = node.setup.storage;
  config.keep_alive = node.setup.keep_alive;
  config.idle_timeout = node.setup.idle_timeout;
  config.plain_addresses = true;
  random_.fill(config.random_seed);
  config.worker = worker_setup(index);
  config.transport = [net = links, address = node.setup.name](
                       caf::actor_system& system, const node_actor& self) {
    return spawn_transport(system, net, address, self);
  };
  caf::anon_send(node.ledger,
                 open_account{node.environment->owner, node.setup.grant});
  node.actor = system_.spawn(artel::make_node, std::move(config));
  return index;
}

void world::add_client(credits grant) {
  node_setup client;
  client.name = "client";
  client.role = wire::node_role::client;
  client.grant = grant;
  add_node(std::move(client));
}

void world::add_workers(std::size_t count, script runs) {
  for (std::size_t i = 0; i < count; ++i) {
    node_setup worker;
    worker.name = "worker-" + std::to_string(nodes.size());
    worker.slots = 2;
    worker.runs = runs;
    add_node(std::move(worker));
  }
}

void world::dial(std::size_t from, const std::string& address) {
  caf::anon_send(nodes[from].actor, artel::dial{address});
}

void world::connect() {
  // Each listens before anyone dials.
  settle();
  for (std::size_t i = 1; i < nodes.size(); ++i)
    dial(0, nodes[i].setup.name);
  auto present =
    ask<peers_present>(nodes[0].actor, await_peers{nodes.size() - 1});
  REQUIRE(present.count == nodes.size() - 1);
  settle();
}

// -- driving ------------------------------------------------------------------

void world::step() {
  auto& jobs = scheduler_.jobs;
  if (jobs.size() > 1)
    std::swap(jobs[0], jobs[order_.below(jobs.size())]);
  if (before_step)
    if (auto* next = dynamic_cast<caf::scheduled_actor*>(jobs[0]))
      before_step(*next);
  scheduler_.run_once();
  ++steps;
}

bool world::run_until(const condition& done, milliseconds limit) {
  auto& clock = scheduler_.clock();
  auto end = clock.now() + limit;
  for (;;) {
    while (scheduler_.has_job()) {
      if (done())
        return true;
      step();
    }
    if (done())
      return true;
    const auto& schedule = clock.schedule();
    if (schedule.empty() || schedule.begin()->first > end) {
      clock.current_time = std::max(clock.current_time, end);
      return false;
    }
    clock.trigger_timeout();
  }
}

void world::run_for(milliseconds span) {
  run_until([] { return false; }, span);
}

void world::settle() {
  while (scheduler_.has_job())
    step();
}

bool world::await(const task_run_ptr& task, milliseconds limit) {
  return run_until([&] { return task->report.has_value(); }, limit);
}

instant world::now() {
  return instant{std::chrono::duration_cast<microseconds>(
    scheduler_.clock().now().time_since_epoch())};
}

milliseconds world::elapsed() {
  return std::chrono::duration_cast<milliseconds>(now() - start_);
}

void world::act(std::function<void(caf::event_based_actor*)> code) {
  caf::anon_send(driver_, do_this{std::move(code)});
}

// -- tasks --------------------------------------------------------------------

void world::observe(task_run& task, const event_batch& batch) {
  ++task.batches;
  for (const auto& one : batch.events) {
    trace_.update(one.index())
      .update(static_cast<std::uint64_t>(elapsed().count()));
    if (const auto* planned = std::get_if<task_planned>(&one)) {
      task.plan = planned->plan;
      trace_.update(planned->plan.candidates.size());
    } else if (const auto* ended = std::get_if<receipt_recorded>(&one)) {
      trace_.update(receipt_leaf(ended->item.body).view());
    } else if (const auto* judged = std::get_if<verdict_recorded>(&one)) {
      trace_.update(verdict_leaf(judged->item.body).view());
    } else if (const auto* progress = std::get_if<task_progress>(&one)) {
      trace_.update(progress->jobs.completed).update(progress->running);
    } else if (const auto* finished = std::get_if<task_finished>(&one)) {
      task.report = finished->report;
      trace_.update(as_bytes(finished->report.problem.message))
        .update(finished->report.result);
    } else if (const auto* line = std::get_if<node_logged>(&one)) {
      log_lines.push_back(line->node_name + ": " + line->message);
      trace_.update(as_bytes(line->message));
    }
    task.events.push_back(one);
  }
}

observer_actor world::make_observer(task_run_ptr task) {
  auto made = system_.spawn(
    observer, [this, task = std::move(task)](const event_batch& batch) {
      observe(*task, batch);
      return !hold_answers;
    });
  observers_.push_back(made);
  return made;
}

task_run_ptr
world::submit(task_spec spec,
              std::vector<std::shared_ptr<const code_bundle>> bundles,
              input_reader read_input, bool plan_only) {
  auto task = std::make_shared<task_run>();
  submit_task message;
  message.spec = std::move(spec);
  message.bundles = std::move(bundles);
  message.read_input = std::move(read_input);
  message.observer = make_observer(task);
  message.plan_only = plan_only;
  task->accepted = ask<task_accepted>(nodes[0].actor, std::move(message));
  return task;
}

task_report world::run(task_spec spec) {
  auto task = submit(std::move(spec));
  REQUIRE(await(task));
  return *task->report;
}

void world::cancel(const task_run_ptr& task) {
  caf::anon_send(task->accepted->coordinator, cancel_task{});
}

account_state world::account(const owner_id& owner) {
  auto found = ask<account_answer>(ledger, query_account{owner});
  REQUIRE_FALSE(found.problem);
  return found.state;
}

network_totals world::totals() {
  return ask<network_totals>(ledger, query_totals{});
}

bool world::has_log(std::string_view part) const {
  for (const auto& line : log_lines)
    if (line.find(part) != std::string::npos)
      return true;
  return false;
}

std::uint64_t world::fingerprint() {
  auto hash = trace_;
  auto digest = hash.update(steps)
                  .update(static_cast<std::uint64_t>(elapsed().count()))
                  .finish();
  std::uint64_t number = 0;
  for (auto byte : digest.view().first(8))
    number = number * 256 + byte;
  return number;
}

// -- the end ------------------------------------------------------------------

bool world::stop() {
  hold_answers = false;
  before_step = nullptr;
  std::vector<ledger_actor> own_ledgers;
  for (auto& node : nodes) {
    caf::anon_send(node.actor, stop_actor{});
    node.actor = node_actor{};
    node.executors.clear();
    if (node.setup.own_ledger)
      own_ledgers.push_back(node.ledger);
    node.ledger = ledger_actor{};
  }
  // What the nodes started must end by itself; the rest is the world's own.
  auto own = observers_.size() + own_ledgers.size() + 3;
  auto ended =
    run_until([this, own] { return living() <= own; }, milliseconds{60'000});
  for (const auto& one : std::exchange(observers_, {}))
    caf::anon_send_exit(one, caf::exit_reason::kill);
  for (const auto& one : std::exchange(own_ledgers, {}))
    caf::anon_send_exit(one, caf::exit_reason::kill);
  for (const auto& one :
       {caf::actor_cast<caf::actor>(log_observer_),
        caf::actor_cast<caf::actor>(ledger), caf::actor{driver_}})
    caf::anon_send_exit(one, caf::exit_reason::kill);
  log_observer_ = observer_actor{};
  ledger = ledger_actor{};
  driver_ = caf::actor{};
  settle();
  return ended;
}

world::~world() {
  CHECK_MESSAGE(stop(), "an actor stays behind when all nodes have stopped");
  links->listeners.clear();
  scheduler_.clock().cancel_all();
  settle();
}

} // namespace artel::testing
