#include "runtime/launch/node_daemon.hpp"

#include "actors/defaults.hpp"
#include "actors/ledger.hpp"
#include "actors/node.hpp"
#include "protocol/economy/account_table.hpp"
#include "runtime/config/settings_reload.hpp"
#include "runtime/control/control_requests.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/launch/event_observer.hpp"
#include "runtime/launch/local_machine.hpp"
#include "runtime/launch/node_credentials.hpp"
#include "runtime/launch/node_store.hpp"
#include "runtime/launch/own_address.hpp"
#include "runtime/launch/state_directory.hpp"
#include "runtime/net/http_inputs.hpp"
#include "runtime/net/lan_beacon.hpp"
#include "runtime/net/tls_transport.hpp"
#include "runtime/observe/node_log.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <atomic>
#include <optional>
#include <utility>

namespace artel::runtime {

namespace {

/// A drain answers by its deadline; this is for the answer.
constexpr std::chrono::seconds drain_grace{5};
/// For what is settled to go out, once the node was told to stop.
constexpr std::chrono::seconds stop_patience{10};
/// A node that does not answer for so long is no longer of use.
constexpr std::chrono::seconds tick_timeout{10};

access_policy policy_of(const access_section& access) {
  access_policy policy;
  policy.allowed_nodes = {access.allow_nodes.begin(), access.allow_nodes.end()};
  policy.allowed_owners = {access.allow_owners.begin(),
                           access.allow_owners.end()};
  policy.denied_nodes = {access.deny_nodes.begin(), access.deny_nodes.end()};
  policy.denied_owners = {access.deny_owners.begin(), access.deny_owners.end()};
  policy.messages_per_second = access.messages_per_second;
  policy.bytes_per_second = access.bytes_per_second;
  return policy;
}

std::vector<std::string> texts_of(const std::vector<node_address>& addresses) {
  std::vector<std::string> all;
  for (const auto& one : addresses)
    all.push_back(to_string(one));
  return all;
}

tls_transport_limits limits_of(const links_section& links) {
  tls_transport_limits limits;
  limits.links_max = links.links_max;
  limits.per_address_max = links.per_address_max;
  limits.handshake_timeout = links.handshake_timeout;
  limits.queue_bytes = links.queue_bytes;
  return limits;
}

class daemon final : public node_daemon {
public:
  explicit daemon(const node_settings& settings)
    : settings_(settings),
      system_(system_config_),
      threshold_(settings.log.level) {}

  ~daemon() override;

  result<void> build();

  const daemon_ready& ready() const override { return ready_; }
  void reload(const node_settings& settings) override;
  std::uint64_t drain() override;
  void log(log_level level, const std::string& message) override;
  bool tick() override;

private:
  result<void> open_files();
  result<void> read_identity();
  void choose_network_config();
  result<std::shared_ptr<tls_endpoint>> open_endpoint();
  result<std::optional<worker_config>> make_worker();
  node_config make_node_config();
  result<void> start_control(std::shared_ptr<const transport_counters> links);
  result<void> start_beacon();
  void reload_network_config();
  void stop_node();

  node_settings settings_;
  networked_system_config system_config_;
  caf::actor_system system_;
  /// Above this, lines are written.
  std::atomic<log_level> threshold_;
  std::unique_ptr<state_directory> state_;
  std::unique_ptr<node_log> log_;
  std::shared_ptr<node_store> store_;
  std::unique_ptr<task_store> tasks_;
  node_credentials credentials_;
  environment_ptr environment_;
  observer_actor observer_;
  ledger_actor ledger_;
  node_actor node_;
  std::unique_ptr<lan_beacon> beacon_;
  std::unique_ptr<control_server> control_;
  daemon_ready ready_;
};

daemon::~daemon() {
  // Nobody asks any more; then the node, then those it tells.
  control_.reset();
  beacon_.reset();
  stop_node();
  if (ledger_)
    caf::anon_send_exit(ledger_, caf::exit_reason::user_shutdown);
  if (observer_)
    caf::anon_send_exit(observer_, caf::exit_reason::user_shutdown);
  // Handles held here would keep actors alive that the system waits for.
  node_ = node_actor{};
  ledger_ = ledger_actor{};
  observer_ = observer_actor{};
  system_.await_all_actors_done();
}

void daemon::stop_node() {
  if (!node_)
    return;
  caf::scoped_actor self{system_};
  self->monitor(node_);
  self->send(node_, stop_actor{});
  self->receive(
    [](const caf::down_msg&) {},
    caf::after(stop_patience) >>
      [this] { log(log_level::warning, "the node is slow to stop"); });
}

// -- starting -----------------------------------------------------------------

result<void> daemon::open_files() {
  auto state = state_directory::open(settings_.node.state);
  if (!state)
    return state.error();
  state_ = std::move(*state);
  auto opened = node_log::open(settings_.log);
  if (!opened)
    return opened.error();
  log_ = std::move(*opened);
  auto warn = [this](const std::string& message) {
    log(log_level::warning, message);
  };
  store_ = std::make_shared<node_store>(state_->path(), warn);
  tasks_ = std::make_unique<task_store>(state_->path() / "tasks", warn);
  return {};
}

result<void> daemon::read_identity() {
  auto read = read_credentials(credential_files_of(settings_), calendar_now());
  if (!read)
    return read.error();
  credentials_ = std::move(*read);
  choose_network_config();
  ready_.node = credentials_.key->node();
  ready_.name =
    settings_.node.name.empty() ? short_name(ready_.node) : settings_.node.name;
  ready_.network = settings_.network.name;
  return {};
}

/// The newest of what the file says and what an earlier life learned.
void daemon::choose_network_config() {
  const auto& kept = store_->config();
  if (kept.is_none() || credentials_.root.is_zero())
    return;
  if (auto sound = check_config(kept, credentials_.network, credentials_.root,
                                calendar_now());
      !sound)
    log(log_level::warning, "the network config that was kept is left out: "
                              + sound.error().message);
  else if (credentials_.config.is_none()
           || supersedes(kept, credentials_.config))
    credentials_.config = kept;
}

result<std::shared_ptr<tls_endpoint>> daemon::open_endpoint() {
  auto made = std::make_shared<node_environment>(credentials_.environment());
  made->display_name = ready_.name;
  made->role = settings_.node.role;
  made->wall_clock = make_wall_clock(system_);
  tls_transport_config config;
  config.environment = made;
  config.listen_addresses = texts_of(settings_.listen.addresses);
  config.limits = limits_of(settings_.links);
  config.observer = observer_;
  auto endpoint = tls_endpoint::open(std::move(config));
  if (!endpoint)
    return endpoint;
  ready_.addresses = (*endpoint)->bound_addresses();
  // Real ports are known only now.
  auto known = std::make_shared<node_environment>(credentials_.environment());
  known->display_name = made->display_name;
  known->role = made->role;
  known->wall_clock = made->wall_clock;
  known->address =
    advertised_address(settings_.listen.advertise, ready_.addresses);
  environment_ = std::move(known);
  return endpoint;
}

result<std::optional<worker_config>> daemon::make_worker() {
  if (!settings_.work.enabled)
    return std::optional<worker_config>{};
  auto sandbox = sandbox_config_of(settings_.work);
  sandbox.cache_directory = state_->path() / "cache";
  auto machine = local_machine::open(sandbox, settings_.work.slots);
  if (!machine)
    return machine.error();
  auto worker =
    (*machine)->worker(environment_, observer_, (*machine)->slots());
  if (const auto& fetch = settings_.fetch; fetch.workers)
    worker.inputs = std::make_shared<http_inputs>(
      http_inputs_config{fetch.allow, fetch.bytes_max, fetch.timeout});
  return std::optional<worker_config>{std::move(worker)};
}

node_config daemon::make_node_config() {
  node_config config;
  config.environment = environment_;
  config.ledger = ledger_;
  config.observer = observer_;
  config.random_seed = entropy();
  config.explore = settings_.discovery.exchange;
  config.exchanges_addresses = settings_.discovery.exchange;
  config.links_target = settings_.links.target;
  config.bootstrap = texts_of(settings_.discovery.bootstrap);
  config.addresses = store_->addresses();
  config.view = {credentials_.config, policy_of(settings_.access)};
  config.storage = store_;
  config.pays_by_claim = true;
  config.claims = store_->all_claims();
  config.keep_alive = settings_.links.keep_alive;
  config.idle_timeout = settings_.links.idle_timeout;
  return config;
}

result<void>
daemon::start_control(std::shared_ptr<const transport_counters> links) {
  control_subject subject;
  subject.system = &system_;
  subject.node = node_;
  subject.tasks = tasks_.get();
  subject.store = store_.get();
  subject.links = std::move(links);
  subject.network = settings_.network.name;
  subject.root = credentials_.root;
  subject.addresses = ready_.addresses;
  subject.state = state_->path();
  auto requests = std::make_shared<control_requests>(std::move(subject));
  auto started = control_server::start(
    settings_.node.control, [requests](const json& one, control_reply& reply) {
      return requests->answer(one, reply);
    });
  if (!started)
    return started.error();
  control_ = std::move(*started);
  ready_.control = settings_.node.control;
  return {};
}

result<void> daemon::build() {
  if (auto opened = open_files(); !opened)
    return opened;
  if (auto read = read_identity(); !read)
    return read;
  auto sink = std::make_shared<event_sink>(log_level::debug);
  sink->listen([this](const event& one) {
    const auto* line = std::get_if<node_logged>(&one);
    if (line != nullptr && line->level >= threshold_)
      log_->write(*line);
  });
  observer_ = spawn_event_observer(system_, sink);
  auto endpoint = open_endpoint();
  if (!endpoint)
    return endpoint.error();
  ledger_ =
    system_.spawn(make_ledger, ledger_config{environment_->wall_clock, true});
  caf::anon_send(
    ledger_, open_account{environment_->owner, account_table::newcomer_grant});
  auto worker = make_worker();
  if (!worker)
    return worker.error();
  auto config = make_node_config();
  config.worker = std::move(*worker);
  config.transport = transport_starter(*endpoint);
  node_ = system_.spawn(make_node, std::move(config));
  if (auto started = start_beacon(); !started)
    return started;
  return start_control((*endpoint)->counters());
}

result<void> daemon::start_beacon() {
  const auto& discovery = settings_.discovery;
  if (!discovery.lan)
    return {};
  lan_beacon_config config;
  config.network = settings_.network.name;
  config.key = credentials_.key;
  config.role = settings_.node.role;
  config.port = discovery.lan_port;
  if (!ready_.addresses.empty())
    if (auto first = parse_address(ready_.addresses.front()))
      config.link_port = first->port;
  config.groups = discovery.lan_groups;
  config.wall_clock = calendar_now;
  config.found = [node = node_](const std::string& address,
                                const node_id& who) {
    caf::anon_send(node,
                   learn_addresses{{{address, who}}, address_source::lan});
  };
  auto started = lan_beacon::start(std::move(config));
  if (!started)
    return started.error();
  beacon_ = std::move(*started);
  return {};
}

// -- running ------------------------------------------------------------------

void daemon::log(log_level level, const std::string& message) {
  if (log_ && level >= threshold_)
    log_->write(level, ready_.name.empty() ? "node" : ready_.name, message);
}

void daemon::reload(const node_settings& settings) {
  auto changes = reload_difference(settings_, settings);
  settings_ = reloaded_settings(settings_, settings);
  if (auto changed = log_->change(settings_.log); !changed)
    log(log_level::error,
        "the log stays where it is: " + changed.error().message);
  threshold_ = settings_.log.level;
  for (const auto& one : changes)
    log(one.change == setting_change::reload ? log_level::info
                                             : log_level::warning,
        "reloaded: " + to_string(one));
  if (changes.empty())
    log(log_level::info, "reloaded: no setting has changed");
  caf::anon_send(node_, change_settings{policy_of(settings_.access),
                                        texts_of(settings_.discovery.bootstrap),
                                        settings_.links.target});
  reload_network_config();
}

void daemon::reload_network_config() {
  const auto& path = settings_.network.config;
  if (path.empty())
    return;
  auto config = read_network_config(path, credentials_.network,
                                    credentials_.root, calendar_now());
  if (config)
    caf::anon_send(node_, update_network{std::move(*config)});
  else
    log(log_level::error, "reloaded: " + config.error().message);
}

std::uint64_t daemon::drain() {
  auto deadline = settings_.shutdown.drain;
  caf::scoped_actor self{system_};
  std::uint64_t left = 0;
  self
    ->request(node_, caf::timespan{deadline} + drain_grace,
              drain_node{deadline})
    .receive([&left](const node_drained& m) { left = m.left; },
             [this](const caf::error&) {
               log(log_level::warning, "the node did not drain");
             });
  return left;
}

bool daemon::tick() {
  log_->tick();
  caf::scoped_actor self{system_};
  auto alive = false;
  // Answered at once by a node that takes messages at all.
  self->request(node_, tick_timeout, await_peers{0})
    .receive([&alive](const peers_present&) { alive = true; },
             [](const caf::error&) {});
  return alive;
}

} // namespace

result<std::unique_ptr<node_daemon>>
node_daemon::start(const node_settings& settings) {
  initialize_crypto();
  auto made = std::make_unique<daemon>(settings);
  if (auto built = made->build(); !built)
    return built.error();
  return std::unique_ptr<node_daemon>{std::move(made)};
}

} // namespace artel::runtime
