#include "runtime/launch/client_node.hpp"

#include "actors/defaults.hpp"
#include "actors/ledger.hpp"
#include "actors/node.hpp"
#include "runtime/launch/actor_system.hpp"
#include "runtime/launch/event_observer.hpp"
#include "runtime/launch/task_session.hpp"
#include "runtime/net/tls_transport.hpp"

#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

namespace artel::runtime {

namespace {

/// More than the workers of most networks; a coordinator needs links to them.
constexpr std::size_t links_target = 64;
constexpr milliseconds keep_alive{5'000};
constexpr milliseconds idle_timeout{20'000};
/// Between two looks at who is there.
constexpr std::chrono::milliseconds look_interval{20};

class client final : public client_node {
public:
  explicit client(const client_options& options)
    : options_(options),
      system_(config_),
      sink_(std::make_shared<event_sink>(
        std::min(options.log_threshold, log_level::warning))) {}

  ~client() override;

  result<void> build();
  result<void> await_first_link(const std::stop_token& stop);

  plan_report plan(const submission& task) override;
  task_report run(const submission& task, event_handler on_event,
                  std::stop_token stop) override;

private:
  std::vector<std::string> addresses() const;
  void await_workers(const submission& task, const std::stop_token& stop);
  std::optional<node_status> status();
  void note(const event& one);

  client_options options_;
  networked_system_config config_;
  caf::actor_system system_;
  std::shared_ptr<event_sink> sink_;
  observer_actor observer_;
  ledger_actor ledger_;
  node_actor node_;
  std::mutex mutex_;
  /// The last thing that went wrong: why nobody answers.
  std::string last_warning_;
};

client::~client() {
  if (node_)
    caf::anon_send(node_, stop_actor{});
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

std::vector<std::string> client::addresses() const {
  std::vector<std::string> all;
  for (const auto& one : options_.addresses)
    all.push_back(to_string(one));
  return all;
}

result<void> client::build() {
  auto credentials = read_credentials(options_.credentials, calendar_now());
  if (!credentials)
    return credentials.error();
  auto made = std::make_shared<node_environment>(credentials->environment());
  made->role = wire::node_role::client;
  made->display_name = "client-" + short_name(made->id());
  made->wall_clock = make_wall_clock(system_);
  environment_ptr environment = std::move(made);

  observer_ = spawn_event_observer(system_, sink_);
  ledger_ =
    system_.spawn(make_ledger, ledger_config{environment->wall_clock, true});
  caf::anon_send(ledger_, open_account{environment->owner, options_.account});

  tls_transport_config transport;
  transport.environment = environment;
  transport.observer = observer_;
  auto endpoint = tls_endpoint::open(std::move(transport));
  if (!endpoint)
    return endpoint.error();

  node_config config;
  config.environment = environment;
  config.ledger = ledger_;
  config.observer = observer_;
  config.transport = transport_starter(std::move(*endpoint));
  config.random_seed = entropy();
  config.explore = true;
  config.links_target = links_target;
  config.bootstrap = addresses();
  config.view.config = credentials->config;
  config.keep_alive = keep_alive;
  config.pays_by_claim = true;
  config.idle_timeout = idle_timeout;
  sink_->listen([this](const event& one) { note(one); });
  node_ = system_.spawn(make_node, std::move(config));
  return {};
}

void client::note(const event& one) {
  const auto* line = std::get_if<node_logged>(&one);
  if (line == nullptr || line->level < log_level::warning)
    return;
  std::lock_guard guard{mutex_};
  last_warning_ = line->message;
}

std::optional<node_status> client::status() {
  caf::scoped_actor self{system_};
  std::optional<node_status> found;
  self->request(node_, defaults::request_timeout, query_node{})
    .receive([&found](node_status& answer) { found = std::move(answer); },
             [](const caf::error&) {});
  return found;
}

result<void> client::await_first_link(const std::stop_token& stop) {
  auto end = std::chrono::steady_clock::now() + options_.wait_timeout;
  for (;;) {
    auto now = status();
    if (now
        && std::any_of(now->peers.begin(), now->peers.end(),
                       [](const auto& peer) { return peer.ready; }))
      break;
    if (stop.stop_requested())
      return {errc::cancelled, "stopped before a link was up"};
    if (std::chrono::steady_clock::now() >= end) {
      std::string names;
      for (const auto& one : addresses())
        names += (names.empty() ? "" : ", ") + one;
      std::lock_guard guard{mutex_};
      return {errc::unreachable,
              "no node of network '" + options_.credentials.network
                + "' answers at " + names
                + (last_warning_.empty() ? "" : ": " + last_warning_)};
    }
    std::this_thread::sleep_for(look_interval);
  }
  sink_->listen({});
  return {};
}

/// Links come up one after the other: a task that began at the first would find
/// too few workers. Those that come later are asked too.
void client::await_workers(const submission& task,
                           const std::stop_token& stop) {
  auto wanted = options_.workers_wait.value_or(task.spec.verification.replicas);
  auto end = std::chrono::steady_clock::now() + options_.wait_timeout;
  while (!stop.stop_requested() && std::chrono::steady_clock::now() < end) {
    auto now = status();
    if (!now)
      return;
    auto workers =
      std::count_if(now->peers.begin(), now->peers.end(), [](const auto& peer) {
        return peer.ready
               && (peer.role == wire::node_role::public_
                   || peer.role == wire::node_role::specialised);
      });
    if (static_cast<std::uint64_t>(workers) >= wanted)
      return;
    std::this_thread::sleep_for(look_interval);
  }
}

plan_report client::plan(const submission& task) {
  await_workers(task, {});
  return plan_at(system_, node_, task, observer_, *sink_);
}

task_report client::run(const submission& task, event_handler on_event,
                        std::stop_token stop) {
  await_workers(task, stop);
  auto shown = [threshold = options_.log_threshold,
                on_event = std::move(on_event)](const event& one) {
    const auto* line = std::get_if<node_logged>(&one);
    if (line == nullptr || line->level >= threshold)
      on_event(one);
  };
  return run_at(system_, node_, task, observer_, *sink_, shown, stop);
}

} // namespace

result<node_address> parse_node_address(std::string_view text) {
  auto whole = parse_address(text);
  if (whole)
    return whole;
  auto with_port =
    parse_address(std::string{text} + ":" + std::to_string(node_port_default));
  return with_port ? with_port : whole;
}

result<std::unique_ptr<client_node>>
client_node::connect(const client_options& options, std::stop_token stop) {
  initialize_crypto();
  auto made = std::make_unique<client>(options);
  if (auto built = made->build(); !built)
    return built.error();
  if (auto linked = made->await_first_link(stop); !linked)
    return linked.error();
  return std::unique_ptr<client_node>{std::move(made)};
}

} // namespace artel::runtime
