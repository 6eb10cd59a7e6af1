#include "tools/artel/commands/node_start.hpp"

#include "runtime/launch/node_daemon.hpp"
#include "runtime/launch/service_notify.hpp"
#include "tools/artel/console.hpp"
#include "tools/artel/daemon_signals.hpp"
#include "tools/artel/node_options.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <utility>

#include <sys/resource.h>

namespace artel::tools {

namespace {

constexpr std::chrono::milliseconds tick_interval{1'000};

/// Every link takes a descriptor: the soft limit is for programs that use
/// select().
void raise_descriptor_limit() {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0)
    return;
  limit.rlim_cur = limit.rlim_max;
  [[maybe_unused]] auto raised = ::setrlimit(RLIMIT_NOFILE, &limit);
}

/// One line, for people and scripts.
std::string ready_line(const runtime::daemon_ready& ready) {
  std::string addresses;
  for (const auto& one : ready.addresses)
    addresses += (addresses.empty() ? "" : ",") + one;
  return "ready node=" + to_string(ready.node) + " network=" + ready.network
         + " listen=" + (addresses.empty() ? "none" : addresses)
         + " control=" + ready.control.string() + "\n";
}

microseconds since_boot() {
  return std::chrono::duration_cast<microseconds>(
    std::chrono::steady_clock::now().time_since_epoch());
}

/// One node from its start to its end.
class running_node {
public:
  running_node(runtime::setting_sources sources,
               runtime::service_notifier notifier,
               std::unique_ptr<runtime::node_daemon> daemon)
    : sources_(std::move(sources)),
      notifier_(std::move(notifier)),
      daemon_(std::move(daemon)) {}

  void run(daemon_signals& signals);

private:
  void reload();
  void stop();
  void note(const result<void>& told);

  runtime::setting_sources sources_;
  runtime::service_notifier notifier_;
  std::unique_ptr<runtime::node_daemon> daemon_;
  bool manager_lost_ = false;
};

/// That the service manager is gone is told once, and no reason to end.
void running_node::note(const result<void>& told) {
  if (!told && !std::exchange(manager_lost_, true))
    daemon_->log(log_level::warning, told.error().message);
}

void running_node::reload() {
  note(notifier_.reloading(since_boot()));
  auto loaded = load_settings(sources_, runtime::named_files::checked);
  if (loaded)
    daemon_->reload(loaded->settings);
  else
    daemon_->log(log_level::error,
                 "the settings are wrong, and stay as they are; 'artel config"
                 " check' tells more");
  note(notifier_.ready("running"));
}

void running_node::stop() {
  note(notifier_.stopping("draining"));
  daemon_->log(log_level::info,
               "draining: jobs that run may end; once more stops at once");
  auto left = daemon_->drain();
  daemon_->log(left == 0 ? log_level::info : log_level::warning,
               left == 0
                 ? "drained; stopping"
                 : std::to_string(left) + " tasks and jobs are left; stopping");
  daemon_.reset();
}

void running_node::run(daemon_signals& signals) {
  note(notifier_.ready("running"));
  auto interval = std::min<std::chrono::milliseconds>(
    tick_interval, notifier_.watchdog_interval().value_or(tick_interval));
  for (auto slow = false;;) {
    daemon_signal signal{};
    if (signals.wait(interval, signal)) {
      if (signal == daemon_signal::stop)
        break;
      reload();
    }
    if (daemon_->tick()) {
      note(notifier_.watchdog());
      slow = false;
    } else if (!std::exchange(slow, true)) {
      daemon_->log(log_level::error, "the node does not answer");
    }
  }
  stop();
}

exit_code run(const arguments& given) {
  auto sources = node_sources_of(given);
  auto loaded = load_settings(sources, runtime::named_files::checked);
  if (!loaded)
    return exit_code::invalid_input;
  raise_descriptor_limit();
  daemon_signals signals;
  auto notifier = runtime::service_notifier::take_from_environment();
  if (!notifier)
    return refuse(notifier.error());
  auto daemon = runtime::node_daemon::start(loaded->settings);
  if (!daemon)
    return refuse(daemon.error());
  write_output(printable(ready_line((*daemon)->ready())));
  // Nothing else comes, and somebody may wait for it at a pipe.
  std::fflush(stdout);
  running_node node{std::move(sources), std::move(*notifier),
                    std::move(*daemon)};
  node.run(signals);
  return exit_code::done;
}

} // namespace

command_info node_start_command() {
  command_info command;
  command.name = "node start";
  command.summary = "run a node of a network, in the foreground";
  command.usage = "[--config FILE] [OPTION...]";
  command.description =
    "Runs a node until it is told to stop. Settings come from a file, from"
    " variables of the environment (ARTEL_NODE_STATE, ARTEL_LISTEN_ADDRESSES"
    " and so on) and from options; 'artel config check' tells what is wrong "
    "with"
    " them, 'artel config example' prints all of them. Once the node can be"
    " used, one line goes to standard output: its id, its network, the "
    "addresses"
    " with their real ports, and its control socket; the log goes to standard"
    " error or to a file. SIGHUP reads the settings again and says what needs a"
    " restart. SIGTERM and Ctrl-C drain the node: it takes nothing new, and "
    "ends"
    " when what runs has ended or the deadline has passed; a second one stops "
    "it"
    " at once. Tells systemd when it is ready (Type=notify).";
  command.options = node_options();
  command.examples = {"artel node start --config node.toml",
                      "artel node start --config node.toml --listen-addresses"
                      " 127.0.0.1:0 --log-level debug"};
  command.scope = command_scope::terminal;
  command.run = run;
  return command;
}

} // namespace artel::tools
