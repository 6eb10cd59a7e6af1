// The worker's second half: slots, results, heartbeats.
#include "actors/worker.hpp"

#include "actors/logging.hpp"
#include "protocol/wire/codec.hpp"

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
    // Cancelled while it waited.
    auto next = jobs_.find(queue_.front());
    if (next == jobs_.end()) {
      queue_.pop_front();
      continue;
    }
    // A large input is there once more while it runs.
    auto runs_max = next->second.input_content == nullptr ? ahead : 1;
    if (target == slots_.end() || target->runs.size() >= runs_max)
      return;
    auto id = queue_.front();
    queue_.pop_front();
    hand_over(id, *target);
  }
}

void worker_actor_state::hand_over(const held_id& id, slot& target) {
  auto& held = jobs_[id];
  const auto& terms = *held.terms;
  run_job message;
  message.attempt = id.attempt;
  message.requester = id.requester;
  message.request.kernel = terms.code.kernel;
  message.request.kernel_arguments = terms.code.kernel_arguments;
  message.request.sandbox = terms.code.sandbox;
  if (terms.code.kernel.empty()) {
    message.request.bundle = bundles_.find(terms.code.bundle);
    if (message.request.bundle == nullptr) {
      // Dropped from the cache while the job waited.
      hand_back(id, errc::not_found, "the bundle is no longer cached");
      return;
    }
  }
  message.request.index = id.attempt.job;
  message.request.input = std::move(held.input);
  if (held.input_content != nullptr)
    message.request.input.data = *held.input_content->content();
  message.request.limits = terms.limits;
  message.stop = held.stop.get_token();
  message.worker = self_;
  held.at = stage::handed_over;
  release_input(held);
  target.runs.push_back(id);
  self_->send(target.executor, std::move(message));
}

void worker_actor_state::on_started(const run_started& message) {
  auto found = jobs_.find({message.requester, message.attempt});
  if (found != jobs_.end() && found->second.at == stage::handed_over)
    found->second.at = stage::running;
}

/// What is too large for a message waits here until its owner has fetched it.
void worker_actor_state::put_output(held_job& held, sandbox::run_result& run) {
  auto& entry = held.result;
  if (entry.body.output_bytes <= limits::blob_piece_bytes) {
    entry.output = std::move(run.output);
    entry.files = std::move(run.files);
    return;
  }
  wire::run_output content{std::move(run.output), std::move(run.files)};
  auto encoded = std::make_shared<const bytes>(wire::encode(content));
  // The encoding has it all.
  content = {};
  held.output_content =
    std::make_shared<const blob_content>(std::move(encoded));
  entry.output_blob = held.output_content->ref();
  config_.environment->blobs->put(held.output_content);
}

void worker_actor_state::on_finished(run_finished& message) {
  held_id id{message.requester, message.attempt};
  for (auto& one : slots_)
    if (std::erase(one.runs, id) > 0)
      break;
  auto& run = message.result;
  auto run_time = std::chrono::duration_cast<microseconds>(run.wall_time_used);
  mean_run_time_ = (mean_run_time_ * 7 + run_time) / 8;
  auto found = jobs_.find(id);
  if (found != jobs_.end() && found->second.at != stage::finished) {
    auto& held = found->second;
    held.input_content = nullptr;
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
      put_output(held, run);
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
    ++(completed ? completed_ : failed_);
    held.at = stage::finished;
    held.finished = now_of(self_);
    owners_[id.requester].results.push_back(id.attempt);
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
    for (const auto& id : runs)
      hand_back(id, errc::system_failure, "the executor ended");
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
      auto found = jobs_.find({owner.remote.node, attempts[next++]});
      if (found == jobs_.end())
        continue;
      auto& held = found->second;
      held.resend_at = now + held.resend_after;
      held.resend_after = std::min(held.resend_after * 2, resend_after_max);
      leaves.push_back(receipt_leaf(held.result.body));
      if (held.output_content == nullptr)
        size += held.result.body.output_bytes;
      size += held.result.stderr_tail.size();
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
  rest_unneeded();
  bundle_fetches_.on_tick(now);
  input_fetches_.on_tick(now);
  follow_fetches();
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
  for (const auto& [id, held] : jobs_) {
    // The ack of a newer one is its first sign of life.
    if (now - held.since < defaults::heartbeat_interval)
      continue;
    auto& beat = beats[id.requester];
    beat.leases.push_back({id.attempt, held.at >= stage::running});
    if (beat.leases.size() == limits::batch_entries_max)
      send(id.requester, beat);
  }
  for (auto& [node, beat] : beats)
    send(node, beat);
}

void worker_actor_state::resend_results(instant now) {
  std::vector<held_id> hopeless;
  auto wall = wall_now_of(self_, *config_.environment);
  for (auto& [id, held] : jobs_) {
    if (held.at != stage::finished || held.resend_at == instant{})
      continue;
    // A large output is acknowledged when all of it was fetched.
    auto patience = defaults::result_patience
                    + milliseconds{held.result.output_blob.size_bytes
                                   / defaults::output_fetch_pace};
    if (now - held.finished > patience) {
      hopeless.push_back(id);
      book_.record(held.terms->owner, outcome_kind::lost, wall);
    } else if (held.resend_at <= now) {
      owners_[id.requester].results.push_back(id.attempt);
      gather();
    }
  }
  for (const auto& id : hopeless)
    forget(id);
}

void worker_actor_state::gather() {
  schedule_flush(self_, pace_, now_of(self_), flush{});
}

void worker_actor_state::arm_sweep() {
  // An idle worker needs no timer.
  auto is_idle =
    jobs_.empty() && bundle_fetches_.empty() && input_fetches_.empty();
  if (!is_idle && !std::exchange(sweep_armed_, true))
    self_->delayed_send(self_, defaults::heartbeat_interval, sweep{});
}

worker_status worker_actor_state::status() const {
  worker_status result;
  result.slots = static_cast<std::uint32_t>(slots_.size());
  for (const auto& [id, held] : jobs_) {
    if (held.at < stage::handed_over)
      ++result.queued;
    else if (held.at == stage::finished)
      ++result.unclaimed;
    else
      ++result.running;
  }
  result.completed = completed_;
  result.failed = failed_;
  result.draining = draining_;
  return result;
}

/// What has begun ends here; all else goes elsewhere at once.
void worker_actor_state::drain() {
  draining_ = true;
  std::vector<held_id> waiting;
  for (const auto& [id, held] : jobs_)
    if (held.at < stage::handed_over)
      waiting.push_back(id);
  for (const auto& id : waiting)
    hand_back(id, errc::refused, "the worker is draining");
}

void worker_actor_state::stop() {
  for (auto& [id, held] : jobs_)
    held.stop.request_stop();
  for (auto& one : slots_) {
    self_->demonitor(one.executor.address());
    self_->send(one.executor, stop_actor{});
  }
  self_->quit();
}

} // namespace artel
