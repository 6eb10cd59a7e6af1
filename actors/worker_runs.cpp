// The worker's second half: slots, results, heartbeats.
#include "actors/worker.hpp"

#include "actors/logging.hpp"

#include <algorithm>
#include <utility>

namespace artel {

namespace {

constexpr milliseconds resend_after_max{1'600};

} // namespace

void worker_actor_state::dispatch() {
  // Short runs are handed over ahead, so that executors don't wait for mail.
  auto ahead = mean_run_time_ < defaults::executor_ahead_below
                 ? defaults::executor_ahead
                 : std::size_t{1};
  while (!queue_.empty()) {
    auto target = std::min_element(slots_.begin(), slots_.end(),
                                   [](const slot& a, const slot& b) {
                                     return a.runs.size() < b.runs.size();
                                   });
    if (target == slots_.end() || target->runs.size() >= ahead)
      return;
    auto attempt = queue_.front();
    queue_.pop_front();
    // Cancelled while it waited.
    if (jobs_.contains(attempt))
      hand_over(attempt, *target);
  }
}

void worker_actor_state::hand_over(const wire::attempt_ref& attempt,
                                   slot& target) {
  auto& held = jobs_[attempt];
  const auto& terms = *held.terms;
  run_job message;
  message.attempt = attempt;
  message.request.kernel = terms.code.kernel;
  message.request.kernel_arguments = terms.code.kernel_arguments;
  message.request.sandbox = terms.code.sandbox;
  if (terms.code.kernel.empty()) {
    message.request.bundle = bundles_.find(terms.code.bundle);
    if (message.request.bundle == nullptr) {
      // Dropped from the cache while the job waited.
      hand_back(attempt, errc::not_found, "the bundle is no longer cached");
      return;
    }
  }
  message.request.index = attempt.job;
  message.request.input = std::move(held.input);
  message.request.limits = terms.limits;
  message.stop = held.stop.get_token();
  message.worker = self_;
  held.at = stage::handed_over;
  target.runs.push_back(attempt);
  self_->send(target.executor, std::move(message));
}

void worker_actor_state::on_started(const run_started& message) {
  auto found = jobs_.find(message.attempt);
  if (found != jobs_.end() && found->second.at == stage::handed_over)
    found->second.at = stage::running;
}

void worker_actor_state::on_finished(run_finished& message) {
  for (auto& one : slots_)
    if (std::erase(one.runs, message.attempt) > 0)
      break;
  auto& run = message.result;
  auto run_time = std::chrono::duration_cast<microseconds>(run.wall_time_used);
  mean_run_time_ = (mean_run_time_ * 7 + run_time) / 8;
  auto found = jobs_.find(message.attempt);
  if (found != jobs_.end()) {
    auto& held = found->second;
    const auto& terms = *held.terms;
    auto& entry = held.result;
    auto completed = run.outcome == run_outcome::completed;
    entry.body.network = terms.network;
    entry.body.task = message.attempt.task;
    entry.body.job = message.attempt.job;
    entry.body.attempt = message.attempt.attempt;
    entry.body.requester = terms.requester;
    entry.body.worker = config_.environment->id();
    entry.body.worker_owner = config_.environment->owner;
    entry.body.code = hash_of(terms.code);
    entry.body.input = held.input_hash;
    entry.body.output = completed ? message.output : hash256{};
    entry.body.output_bytes =
      completed ? run.output.size() + total_bytes(run.files) : 0;
    entry.body.outcome = run.outcome;
    entry.body.exit_code = run.exit_code;
    entry.body.price = terms.price_per_job;
    entry.body.started = message.started;
    entry.body.wall_time_used = run.wall_time_used;
    entry.body.cpu_time_used = run.cpu_time_used;
    entry.body.memory_peak_bytes = run.memory_peak_bytes;
    entry.body.fuel_used = run.fuel_used;
    if (completed) {
      entry.output = std::move(run.output);
      entry.files = std::move(run.files);
    } else {
      entry.stderr_tail = std::move(run.stderr_tail);
      if (!run.detail.empty()) {
        if (!entry.stderr_tail.empty() && entry.stderr_tail.back() != '\n')
          entry.stderr_tail += '\n';
        entry.stderr_tail += run.detail;
      }
      if (entry.stderr_tail.size() > limits::text_bytes_max)
        entry.stderr_tail.erase(0, entry.stderr_tail.size()
                                     - limits::text_bytes_max);
    }
    held.at = stage::finished;
    held.finished = now_of(self_);
    owners_[held.owner].results.push_back(message.attempt);
    gather();
  }
  dispatch();
}

void worker_actor_state::on_executor_down(const caf::down_msg& down) {
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    if (slots_[i].executor.address() != down.source)
      continue;
    warn("an executor ended: " + caf::to_string(down.reason));
    auto runs = std::exchange(slots_[i].runs, {});
    slots_[i].executor = config_.executors(self_->system(), i);
    self_->monitor(slots_[i].executor);
    for (const auto& attempt : runs)
      hand_back(attempt, errc::system_failure, "the executor ended");
    dispatch();
    return;
  }
}

void worker_actor_state::send_results(owner_record& owner) {
  auto attempts = std::exchange(owner.results, {});
  auto now = now_of(self_);
  std::size_t next = 0;
  while (next < attempts.size()) {
    wire::job_result message;
    std::vector<hash256> leaves;
    std::size_t size = 0;
    while (next < attempts.size() && leaves.size() < defaults::batch_entries
           && size < defaults::batch_bytes) {
      auto found = jobs_.find(attempts[next++]);
      if (found == jobs_.end())
        continue;
      auto& held = found->second;
      held.resend_at = now + held.resend_after;
      held.resend_after = std::min(held.resend_after * 2, resend_after_max);
      leaves.push_back(receipt_leaf(held.result.body));
      size += held.result.body.output_bytes + held.result.stderr_tail.size();
      message.entries.push_back(held.result);
    }
    if (leaves.empty())
      continue;
    message.batch_signature = sign_batch(*config_.environment->key, leaves);
    self_->send(owner.remote.port, send_payload{std::move(message)});
  }
}

void worker_actor_state::send_gathered() {
  pace_.on_flush(now_of(self_));
  for (auto& [node, owner] : owners_) {
    auto acks = std::exchange(owner.acks, {});
    for (std::size_t from = 0; from < acks.size();
         from += limits::batch_entries_max) {
      auto to = std::min(acks.size(), from + limits::batch_entries_max);
      wire::job_ack message;
      message.attempts.assign(acks.begin() + static_cast<std::ptrdiff_t>(from),
                              acks.begin() + static_cast<std::ptrdiff_t>(to));
      self_->send(owner.remote.port, send_payload{std::move(message)});
    }
    send_results(owner);
  }
}

void worker_actor_state::on_sweep() {
  sweep_armed_ = false;
  auto now = now_of(self_);
  send_heartbeats(now);
  resend_results(now);
  for (const auto& request :
       bundles_.overdue(now, defaults::heartbeat_interval * 5)) {
    for (const auto& [attempt, held] : jobs_) {
      if (held.at == stage::fetching
          && held.terms->code.bundle == request.bundle) {
        self_->send(owners_[held.owner].remote.port, send_payload{request});
        break;
      }
    }
  }
  arm_sweep();
}

void worker_actor_state::send_heartbeats(instant now) {
  std::map<node_id, wire::heartbeat> beats;
  auto send = [this](const node_id& node, wire::heartbeat& beat) {
    auto owner = owners_.find(node);
    if (owner != owners_.end() && !beat.leases.empty())
      self_->send(owner->second.remote.port, send_payload{std::move(beat)});
    beat = {};
  };
  for (const auto& [attempt, held] : jobs_) {
    // The ack of a newer one is its first sign of life.
    if (now - held.since < defaults::heartbeat_interval)
      continue;
    auto& beat = beats[held.owner];
    beat.leases.push_back({attempt, held.at >= stage::running});
    if (beat.leases.size() == limits::batch_entries_max)
      send(held.owner, beat);
  }
  for (auto& [node, beat] : beats)
    send(node, beat);
}

void worker_actor_state::resend_results(instant now) {
  std::vector<wire::attempt_ref> hopeless;
  auto wall = wall_now_of(self_, *config_.environment);
  for (auto& [attempt, held] : jobs_) {
    if (held.at != stage::finished || held.resend_at == instant{})
      continue;
    if (now - held.finished > defaults::result_patience) {
      hopeless.push_back(attempt);
      book_.record(held.terms->owner, outcome_kind::lost, wall);
    } else if (held.resend_at <= now) {
      owners_[held.owner].results.push_back(attempt);
      gather();
    }
  }
  for (const auto& attempt : hopeless)
    forget(attempt);
}

void worker_actor_state::gather() {
  schedule_flush(self_, pace_, now_of(self_), flush{});
}

void worker_actor_state::arm_sweep() {
  // An idle worker needs no timer.
  if (!jobs_.empty() && !std::exchange(sweep_armed_, true))
    self_->delayed_send(self_, defaults::heartbeat_interval, sweep{});
}

void worker_actor_state::stop() {
  for (auto& [attempt, held] : jobs_)
    held.stop.request_stop();
  for (auto& one : slots_) {
    self_->demonitor(one.executor.address());
    self_->send(one.executor, stop_actor{});
  }
  self_->quit();
}

} // namespace artel
