#include "runtime/sim/world.hpp"

#include "actors/ledger.hpp"
#include "actors/node.hpp"
#include "runtime/launch/input_reader.hpp"

#include <caf/actor_cast.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <array>
#include <utility>

namespace artel::sim {

/// For the driver: code to run in an actor's name.
struct do_this {
  std::function<void(caf::event_based_actor*)> code;
};

} // namespace artel::sim

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(artel::sim::do_this)

namespace artel::sim {

namespace {

constexpr std::string_view network_name = "simulated";
constexpr microseconds links_interval{1'000'000};
constexpr std::size_t name_length_max = 64;
/// Steps between two looks at the stop token.
constexpr std::uint64_t stop_check_mask = 0x3ff;

struct driver_config {};

caf::behavior drive_actor(caf::event_based_actor* self, driver_config) {
  return {[self](do_this& m) { m.code(self); }};
}

/// What an actor keeps: on this one thread it can be looked at between steps.
template <class State, class Handle>
const State& state_of(const Handle& actor) {
  using instance =
    std::remove_pointer_t<typename Handle::template stateful_pointer<State>>;
  auto* base = caf::actor_cast<caf::abstract_actor*>(actor);
  return static_cast<instance*>(base)->state;
}

/// The type of what the actor takes next.
std::string_view next_message(caf::scheduled_actor& actor) {
  auto* next = actor.mailbox().peek();
  if (next == nullptr || next->content().size() == 0)
    return {};
  auto type = next->content().type(0);
  return type.second == nullptr ? std::string_view{} : type.second->name();
}

bool is_name(std::string_view text) {
  auto is_allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')
           || (c >= '0' && c <= '9') || c == '-' || c == '_';
  };
  return !text.empty() && text.size() <= name_length_max && text[0] != '-'
         && std::all_of(text.begin(), text.end(), is_allowed);
}

std::uint32_t slots_of(const node_options& options) {
  if (options.slots)
    return *options.slots;
  return options.role == wire::node_role::client ? 0 : options.cores;
}

random_generator::seed_type draw_seed(random_generator& random) {
  random_generator::seed_type seed;
  random.fill(seed);
  return seed;
}

} // namespace

std::string_view to_string(node_status status) noexcept {
  switch (status) {
    case node_status::up: return "up";
    case node_status::paused: return "paused";
    case node_status::down: return "down";
  }
  return "unknown";
}

std::string_view simulated_task::status() const {
  if (report)
    return to_string(report->state);
  if (orphaned)
    return "orphaned";
  return plan && plan->problems.empty() ? "running" : "pending";
}

// -- the beginning and the end ------------------------------------------------

world::world(world_options options)
  : options_(std::move(options)),
    signatures_(options_.crypto),
    random_(random_generator::from_number(options_.seed)),
    stage_(random_.next()),
    monitor_(stage_),
    network_(stage_, trace_, random_.next(), options_.links),
    library_(std::make_shared<run_library>(options_.sandbox)) {
  wall_clock_ = [start = stage_.start()](instant at) {
    return world_epoch + std::chrono::duration_cast<milliseconds>(at - start);
  };
  stage_.before_step = [this](caf::scheduled_actor& actor, node_index node) {
    trace_.add(stage_.elapsed(), step_record{node, actor.id(), actor.name(),
                                             next_message(actor)});
    if (options_.check)
      monitor_.before_step(actor, node);
  };
  if (options_.check)
    stage_.after_step = [this](caf::scheduled_actor& actor, node_index node) {
      monitor_.after_step(actor, node);
    };
  stage_.as_node(no_node, [this] {
    auto& system = stage_.system();
    ledger_ = system.spawn(make_ledger, ledger_config{wall_clock_});
    log_observer_ = make_log_observer();
    driver_ = system.spawn(drive_actor, driver_config{});
  });
  stage_.after(links_interval, [this] { keep_links(); });
}

world::~world() {
  // Actors refer to the network and the rest of this world.
  stage_.end();
}

// -- nodes --------------------------------------------------------------------

environment_ptr world::make_environment(const node_options& options) {
  auto environment = std::make_shared<node_environment>();
  environment->network = network_name;
  environment->display_name = options.name;
  environment->address = options.name;
  environment->role = options.role;
  environment->key =
    std::make_shared<const key_pair>(key_pair::generate(random_));
  nodes_.back().owner_key =
    options.same_owner_as
      ? nodes_[*options.same_owner_as].owner_key
      : std::make_shared<const key_pair>(key_pair::generate(random_));
  set_owner(*environment, *nodes_.back().owner_key, world_epoch);
  environment->wall_clock = wall_clock_;
  return environment;
}

worker_config world::make_worker(node_index index) {
  const auto& node = nodes_[index];
  worker_config worker;
  worker.environment = node.environment;
  worker.observer = log_observer_;
  worker.offer.cpu_score = node.machine->cpu_score;
  worker.offer.cores = node.options.cores;
  worker.offer.ram_bytes = node.options.ram_bytes;
  worker.offer.disk_bytes = node.options.disk_bytes;
  worker.offer.slots = slots_of(node.options);
  worker.executors = [this, machine = node.machine](caf::actor_system& system,
                                                    std::size_t) {
    return spawn_sim_executor(
      system, {library_, machine, draw_seed(random_), wall_clock_});
  };
  return worker;
}

void world::start_node(node_index index) {
  auto& node = nodes_[index];
  node_config config;
  config.environment = node.environment;
  config.ledger = ledger_;
  config.observer = log_observer_;
  config.random_seed = draw_seed(random_);
  if (slots_of(node.options) > 0)
    config.worker = make_worker(index);
  config.transport = [this, index](caf::actor_system&, const node_actor& self) {
    return network_.start_transport(index, nodes_[index].options.name, self);
  };
  node.status = node_status::up;
  node.actor = stage_.as_node(
    index, [&] { return stage_.system().spawn(make_node, std::move(config)); });
  network_.set_filter(index, make_filter(node.machine->how, node.environment,
                                         draw_seed(random_)));
}

/// The earlier ones: all, or some that are drawn.
void world::choose_dials(node_index index) {
  std::set<node_index> chosen;
  if (index <= options_.links_per_node)
    for (node_index other = 0; other < index; ++other)
      chosen.insert(other);
  while (chosen.size() < std::min(index, options_.links_per_node))
    chosen.insert(static_cast<node_index>(random_.below(index)));
  for (auto other : chosen)
    connect(index, other);
}

result<node_index> world::add_node(node_options options) {
  if (!is_name(options.name))
    return {errc::invalid_argument,
            "'" + options.name
              + "' is no name for a node: expected up to 64 letters, digits,"
                " '-' and '_', not beginning with '-'"};
  if (names_.contains(options.name))
    return {errc::already_exists,
            "there is a node '" + options.name + "' already"};
  if (options.grant.micro < 0 || options.grant > account_table::balance_max)
    return {errc::out_of_range, "a grant of " + to_string(options.grant)
                                  + "; expected 0 to "
                                  + to_string(account_table::balance_max)};
  if (options.cores == 0 || options.cpu_score == 0)
    return {errc::out_of_range, "a node has at least one core and a speed"};
  auto index = static_cast<node_index>(nodes_.size());
  auto machine = std::make_shared<machine_state>();
  machine->node = index;
  machine->cpu_score = options.cpu_score;
  machine->cores = options.cores;
  machine->how = options.how;
  auto& node = nodes_.emplace_back();
  node.environment = make_environment(options);
  node.owner = node.environment->owner;
  node.machine = std::move(machine);
  node.options = std::move(options);
  names_.emplace(node.options.name, index);
  neighbours_.emplace_back();
  if (!node.options.same_owner_as)
    caf::anon_send(ledger_, open_account{node.owner, node.options.grant});
  note(fault_kind::join, index);
  start_node(index);
  if (!node.options.lonely)
    choose_dials(index);
  return index;
}

std::optional<node_index> world::find_node(std::string_view name) const {
  auto found = names_.find(name);
  if (found == names_.end())
    return std::nullopt;
  return found->second;
}

result<void> world::kill(node_index index, crash_kind kind) {
  auto& node = nodes_[index];
  if (node.status == node_status::down)
    return {errc::invalid_state, node.options.name + " is down already"};
  note(kind == crash_kind::power ? fault_kind::power_loss : fault_kind::crash,
       index);
  node.actor = node_actor{};
  node.status = node_status::down;
  network_.crash(index, kind);
  monitor_.on_crash(index);
  stage_.kill(index);
  node.machine->ended = node.machine->started;
  for (auto& task : tasks_)
    if (task.owner == index && !task.report && !task.orphaned) {
      task.orphaned = true;
      task.ended = elapsed();
    }
  return {};
}

result<void> world::pause(node_index index) {
  auto& node = nodes_[index];
  if (node.status != node_status::up)
    return {errc::invalid_state,
            node.options.name + " is " + std::string{to_string(node.status)}};
  note(fault_kind::pause, index);
  node.status = node_status::paused;
  stage_.pause(index);
  return {};
}

result<void> world::resume(node_index index) {
  auto& node = nodes_[index];
  if (node.status != node_status::paused)
    return {errc::invalid_state, node.options.name + " is not paused, but "
                                   + std::string{to_string(node.status)}};
  note(fault_kind::resume, index);
  node.status = node_status::up;
  stage_.resume(index);
  return {};
}

result<void> world::restart(node_index index) {
  auto& node = nodes_[index];
  if (node.status != node_status::down)
    return {errc::invalid_state, node.options.name + " is not down, but "
                                   + std::string{to_string(node.status)}};
  note(fault_kind::restart, index);
  ++node.incarnation;
  start_node(index);
  for (auto other : neighbours_[index])
    caf::anon_send(node.actor, dial{nodes_[other].options.name});
  return {};
}

void world::set_behaviour(node_index index, const behaviour& how) {
  auto& node = nodes_[index];
  if (node.machine->how == how)
    return;
  note(fault_kind::behaviour, index, to_string(how));
  node.machine->how = how;
  node.options.how = how;
  network_.set_filter(index,
                      make_filter(how, node.environment, draw_seed(random_)));
}

void world::set_cpu_score(node_index index, std::uint32_t cpu_score) {
  nodes_[index].machine->cpu_score = cpu_score;
  nodes_[index].options.cpu_score = cpu_score;
}

// -- links --------------------------------------------------------------------

void world::connect(node_index from, node_index to) {
  if (from == to)
    return;
  nodes_[from].dials.insert(to);
  neighbours_[from].insert(to);
  neighbours_[to].insert(from);
  if (nodes_[from].actor)
    caf::anon_send(nodes_[from].actor, dial{nodes_[to].options.name});
}

bool world::has_all_links(node_index index) const {
  return peer_count(index) >= neighbours_[index].size();
}

void world::keep_links() {
  for (node_index index = 0; index < nodes_.size(); ++index) {
    const auto& node = nodes_[index];
    if (node.status != node_status::up || has_all_links(index))
      continue;
    const auto& peers = state_of<node_actor_state>(node.actor).peers();
    for (auto other : node.dials)
      if (!peers.contains(nodes_[other].environment->id()))
        caf::anon_send(node.actor, dial{nodes_[other].options.name});
  }
  stage_.after(links_interval, [this] { keep_links(); });
}

void world::restore(node_index index) {
  set_behaviour(index, {});
  if (nodes_[index].status == node_status::paused)
    static_cast<void>(resume(index).ok());
  if (nodes_[index].status == node_status::down)
    static_cast<void>(restart(index).ok());
}

void world::stop_faults() {
  network_.heal_all();
  network_.calm();
  for (node_index index = 0; index < nodes_.size(); ++index)
    restore(index);
}

// -- tasks --------------------------------------------------------------------

result<task_number> world::submit(node_index owner, runtime::submission task,
                                  std::string name) {
  if (nodes_[owner].status == node_status::down)
    return {errc::invalid_state, nodes_[owner].options.name + " is down"};
  if (name.empty()) {
    name = task.spec.name;
    for (std::size_t i = 2; task_names_.contains(name); ++i)
      name = task.spec.name + "-" + std::to_string(i);
  }
  if (task_names_.contains(name))
    return {errc::already_exists, "there is a task '" + name + "' already"};
  auto number = tasks_.size();
  auto& record = tasks_.emplace_back();
  record.name = name;
  record.owner = owner;
  record.spec = task.spec;
  record.submitted = elapsed();
  record.incarnation = nodes_[owner].incarnation;
  task_names_.emplace(std::move(name), number);
  submit_task message;
  message.spec = std::move(task.spec);
  message.bundles = std::move(task.bundles);
  message.read_input = runtime::read_chunk;
  message.observer =
    stage_.as_node(no_node, [&] { return make_task_observer(number); });
  auto request = std::make_shared<submit_task>(std::move(message));
  auto ask = [this, number, to = nodes_[owner].actor,
              request](caf::event_based_actor* self) {
    auto accept = [this, number](const task_accepted& answer) {
      tasks_[number].accepted = answer;
      library_->set_estimate(answer.task, tasks_[number].spec.estimate);
    };
    // A node that crashes meanwhile leaves the task orphaned.
    self->request(to, caf::infinite, std::move(*request))
      .then(accept, [](const caf::error&) {});
  };
  caf::anon_send(driver_, do_this{std::move(ask)});
  return number;
}

void world::cancel(task_number number) {
  if (const auto& accepted = tasks_[number].accepted)
    caf::anon_send(accepted->coordinator, cancel_task{});
}

std::optional<task_number> world::find_task(std::string_view name) const {
  auto found = task_names_.find(name);
  if (found == task_names_.end())
    return std::nullopt;
  return found->second;
}

// -- driving ------------------------------------------------------------------

drive_end world::drive(const condition& done, microseconds limit,
                       const std::stop_token& stop) {
  auto end = elapsed() + limit;
  for (;;) {
    if (options_.check && !violations().empty())
      return drive_end::violated;
    if (done())
      return drive_end::reached;
    if (steps() >= options_.step_limit)
      return drive_end::step_limit;
    if ((steps() & stop_check_mask) == 0 && stop.stop_requested())
      return drive_end::interrupted;
    if (stage_.step())
      continue;
    if (stop.stop_requested())
      return drive_end::interrupted;
    if (!stage_.advance(end))
      return done() ? drive_end::reached : drive_end::timed_out;
  }
}

drive_end world::run_until(const condition& done, microseconds limit,
                           std::stop_token stop) {
  return drive(done, limit, stop);
}

drive_end world::run_for(microseconds span, std::stop_token stop) {
  auto ended = drive([] { return false; }, span, stop);
  return ended == drive_end::timed_out ? drive_end::reached : ended;
}

bool world::is_settled() const {
  for (const auto& task : tasks_)
    if (!task.is_over())
      return false;
  for (node_index index = 0; index < nodes_.size(); ++index)
    if (!has_all_links(index) || nodes_[index].machine->running() > 0)
      return false;
  return monitor_.open_holds().empty();
}

void world::report_unsettled() {
  auto report = [this](const std::string& what) {
    monitor_.report("liveness", what);
  };
  for (const auto& task : tasks_)
    if (!task.is_over())
      report("task '" + task.name + "' has not ended");
  for (node_index index = 0; index < nodes_.size(); ++index) {
    const auto& name = nodes_[index].options.name;
    if (auto peers = peer_count(index); peers < neighbours_[index].size())
      report(name + " has " + std::to_string(peers) + " of "
             + std::to_string(neighbours_[index].size()) + " links");
    if (auto running = nodes_[index].machine->running(); running > 0)
      report(name + " still runs " + std::to_string(running) + " jobs");
  }
  for (const auto& task : monitor_.open_holds())
    report("the hold of task " + short_name(task) + " is open");
}

drive_end world::settle(microseconds bound, std::stop_token stop) {
  stop_faults();
  // Looking at every node is dear: only between moments.
  auto end = elapsed() + bound;
  constexpr microseconds look_interval{100'000};
  while (elapsed() < end) {
    auto ended = run_for(std::min(look_interval, end - elapsed()), stop);
    if (ended != drive_end::reached || is_settled())
      return ended;
  }
  report_unsettled();
  return options_.check ? drive_end::violated : drive_end::timed_out;
}

void world::at(microseconds when, stage::action what) {
  stage_.at(when, std::move(what));
}

void world::after(microseconds span, stage::action what) {
  stage_.after(span, std::move(what));
}

// -- looking ------------------------------------------------------------------

const account_table& world::accounts() const {
  return state_of<ledger_actor_state>(ledger_).accounts;
}

credits world::balance(node_index index) const {
  auto account = accounts().account(nodes_[index].owner);
  return account ? account->available : credits{};
}

credits world::held(node_index index) const {
  auto account = accounts().account(nodes_[index].owner);
  return account ? account->held : credits{};
}

credits world::earned(node_index index) const {
  auto account = accounts().account(nodes_[index].owner);
  return account ? account->earned : credits{};
}

ppm world::reputation(node_index by, node_index about) const {
  const auto& node = nodes_[by];
  if (!node.actor)
    return ppm{500'000};
  const auto& book = state_of<node_actor_state>(node.actor).book();
  return book.score(nodes_[about].owner, wall_clock_(stage_.now()));
}

ppm world::reputation(node_index index) const {
  std::int64_t sum = 0;
  std::int64_t count = 0;
  const auto& owner = nodes_[index].owner;
  for (node_index by = 0; by < nodes_.size(); ++by) {
    if (!nodes_[by].actor)
      continue;
    const auto& book = state_of<node_actor_state>(nodes_[by].actor).book();
    if (!book.knows(owner))
      continue;
    sum += book.score(owner, wall_clock_(stage_.now())).value;
    ++count;
  }
  return count == 0 ? ppm{500'000}
                    : ppm{static_cast<std::int32_t>(sum / count)};
}

std::size_t world::held_jobs(node_index index) const {
  std::size_t held = 0;
  stage_.each_actor(index, [&held](const caf::scheduled_actor& actor) {
    using instance = std::remove_pointer_t<worker_actor_state::pointer>;
    if (actor.name() == worker_actor_state::name)
      held += static_cast<const instance&>(actor).state.held_jobs();
  });
  return held;
}

std::size_t world::peer_count(node_index index) const {
  const auto& node = nodes_[index];
  return node.actor ? state_of<node_actor_state>(node.actor).peers().size() : 0;
}

void world::note(fault_kind kind, node_index index, std::string text) {
  trace_.add(elapsed(), fault_record{kind, index, std::move(text)});
}

} // namespace artel::sim
