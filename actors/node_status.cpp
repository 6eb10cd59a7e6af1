// How the node is, for its operator; and how it ends.
#include "actors/answer_error.hpp"
#include "actors/defaults.hpp"
#include "actors/node.hpp"

#include <memory>
#include <utility>

namespace artel {

namespace {

/// An answer that is gathered from many.
struct gathering {
  node_status status;
  std::size_t missing = 0;
  caf::typed_response_promise<node_status> promise;

  void on_answer() {
    if (--missing > 0)
      return;
    for (const auto& peer : status.peers)
      add(status.counters, peer.counters);
    promise.deliver(std::move(status));
  }
};

} // namespace

caf::typed_response_promise<node_status> node_actor_state::query() {
  auto all = std::make_shared<gathering>();
  all->promise = self_->make_response_promise<node_status>();
  const auto& environment = *config_.environment;
  auto& status = all->status;
  status.node = environment.id();
  status.owner = environment.owner;
  status.display_name = environment.display_name;
  status.role = environment.role;
  status.network = environment.network;
  status.config_version = view_->config.version;
  status.draining = draining_;
  status.works = static_cast<bool>(worker_);
  status.known_addresses = addresses_.size();
  status.tasks = coordinators_.size();
  status.claims = claims_.claims();
  status.counters = gone_counters_;
  status.links_refused = links_refused_;
  // One for this turn itself: nothing is delivered before all were asked.
  all->missing = links_.size() + (worker_ ? 2 : 1);
  // Who does not answer in time is left out.
  auto on_error = [all](const caf::error&) { all->on_answer(); };
  for (const auto& [id, link] : links_)
    self_->request(link.peer, defaults::status_timeout, query_peer{})
      .then(
        [all](const peer_status& one) {
          all->status.peers.push_back(one);
          all->on_answer();
        },
        on_error);
  if (worker_)
    self_->request(worker_, defaults::status_timeout, query_worker{})
      .then(
        [all](const worker_status& one) {
          all->status.worker = one;
          all->on_answer();
        },
        on_error);
  auto promise = all->promise;
  all->on_answer();
  return promise;
}

// -- draining -----------------------------------------------------------------

caf::typed_response_promise<node_drained>
node_actor_state::drain(const drain_node& message) {
  auto now = now_of(self_);
  auto promise = self_->make_response_promise<node_drained>();
  drains_.push_back({now + message.deadline, promise});
  if (!std::exchange(draining_, true)) {
    log(log_level::info, "draining: nothing new is taken");
    if (worker_)
      self_->send(worker_, drain_worker{});
  }
  watch_drain(now);
  arm_sweep();
  return promise;
}

void node_actor_state::ask_worker_what_is_left() {
  if (!worker_ || std::exchange(worker_asked_, true))
    return;
  self_->request(worker_, defaults::status_timeout, query_worker{})
    .then(
      [this](const worker_status& one) {
        worker_asked_ = false;
        worker_left_ = std::uint64_t{one.running} + one.queued + one.unclaimed;
        if (*worker_left_ == 0)
          watch_drain(now_of(self_));
      },
      [this](const caf::error&) { worker_asked_ = false; });
}

void node_actor_state::watch_drain(instant now) {
  if (drains_.empty())
    return;
  auto tasks = coordinators_.size();
  auto is_done = tasks == 0 && (!worker_ || worker_left_ == 0u);
  std::erase_if(drains_, [&](waiting_drain& one) {
    if (!is_done && now < one.until)
      return false;
    one.promise.deliver(node_drained{tasks + worker_left_.value_or(0)});
    return true;
  });
  if (!drains_.empty())
    ask_worker_what_is_left();
}

// -- the timer ----------------------------------------------------------------

bool node_actor_state::needs_sweep() const {
  return closing_until_ || !drains_.empty() || (keeps_links() && !stopping_)
         || (config_.storage && addresses_changed_ && !stopping_);
}

void node_actor_state::arm_sweep() {
  if (sweep_armed_ || !needs_sweep())
    return;
  sweep_armed_ = true;
  self_->delayed_send(self_, defaults::link_sweep_interval, sweep{});
}

void node_actor_state::on_sweep() {
  sweep_armed_ = false;
  auto now = now_of(self_);
  if (closing_until_ && now >= *closing_until_) {
    end();
    return;
  }
  keep_links(now);
  if (keeps_links() && !stopping_)
    probe_addresses(now);
  keep_addresses(now, false);
  watch_drain(now);
  arm_sweep();
}

// -- the end ------------------------------------------------------------------

void node_actor_state::stop() {
  if (std::exchange(stopping_, true))
    return;
  for (const auto& [task, coordinator] : coordinators_)
    self_->send(coordinator, cancel_task{});
  stop_if_idle();
}

/// Tasks end first, then runs, then links: what is settled still goes out.
void node_actor_state::stop_if_idle() {
  if (!stopping_ || !coordinators_.empty() || closing_until_)
    return;
  auto now = now_of(self_);
  keep_addresses(now, true);
  if (worker_)
    self_->send(worker_, stop_actor{});
  if (claim_sender_)
    self_->send(claim_sender_, stop_actor{});
  for (auto& one : std::exchange(drains_, {}))
    one.promise.deliver(node_drained{worker_left_.value_or(0)});
  for (auto& one : std::exchange(waiting_, {}))
    one.promise.deliver(answer_error(errc::cancelled, "this node stops"));
  for (const auto& [id, link] : links_)
    self_->send(link.peer, stop_actor{});
  closing_until_ = now + defaults::goodbye_patience;
  if (links_.empty())
    end();
  else
    arm_sweep();
}

/// The transport goes last: goodbyes are on their way through it.
void node_actor_state::end() {
  self_->send(transport_, stop_actor{});
  self_->quit();
}

} // namespace artel
