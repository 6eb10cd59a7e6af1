// The coordinator's window of jobs: placing, starting, taking outputs, ending.
#include "actors/coordinator.hpp"

#include "actors/defaults.hpp"
#include "actors/job.hpp"

#include <algorithm>
#include <cassert>
#include <utility>

namespace artel {

namespace {

/// Jobs in flight where the task sets no window: bounds memory, and is far more
/// than keeps a few hundred slots busy.
constexpr std::size_t window_default = 4'096;

std::string describe(const chunk& one) {
  switch (one.kind) {
    case input_kind::range:
      return std::to_string(one.first) + ".." + std::to_string(one.last);
    case input_kind::data: return file_name_of(one.path);
    case input_kind::none: break;
  }
  return "run " + std::to_string(one.index);
}

/// Where a worker may get the input of a job by itself; null: nowhere.
text_list sources_of(const task_source& source, std::uint64_t index) {
  if (source.kind != source_kind::files || index >= source.files.size()
      || source.files[index].urls.empty())
    return nullptr;
  return std::make_shared<const std::vector<std::string>>(
    source.files[index].urls);
}

} // namespace

// -- placing ------------------------------------------------------------------

std::size_t coordinator_actor_state::window() const {
  auto chosen = config_.submission.spec.window;
  return chosen > 0 ? std::size_t{chosen} : window_default;
}

bool coordinator_actor_state::may_start() const {
  return phase_ == phase::running && open_jobs_.size() < window()
         && waiting_.size() < window()
         && batches_unanswered_ < defaults::event_batches_max;
}

void coordinator_actor_state::fill_window() {
  while (may_start() && start_next()) {
  }
}

bool coordinator_actor_state::place_all(std::vector<placement>& placements) {
  std::vector<owner_id> owners;
  while (placements.size() < policy_.verification.replicas) {
    const auto* worker = workers_.place(owners, random_);
    if (worker == nullptr) {
      for (const auto& one : placements)
        workers_.on_ended(one.node, microseconds{0});
      return false;
    }
    auto remote = bidders_.find(worker->node);
    assert(remote != bidders_.end());
    placements.push_back(
      {0, remote->second.remote.port, worker->node, worker->owner, nullptr});
    owners.push_back(worker->owner);
  }
  return true;
}

bool coordinator_actor_state::start_next() {
  if (ready_reduces_.empty() && next_chunk_ >= map_jobs())
    return false;
  std::vector<placement> placements;
  if (!place_all(placements))
    return false;
  if (!ready_reduces_.empty()) {
    auto next = std::move(ready_reduces_.front());
    ready_reduces_.pop_front();
    start_job(next.index, std::move(next.input), "reduce", reduce_terms_,
              std::move(placements));
    return true;
  }
  const auto& only = chunks_->source().only;
  auto position = next_chunk_++;
  auto chunk = chunks_->at(only.empty() ? position : only[position]);
  job_input input{chunk.kind, chunk.first, chunk.last, {}, {}};
  if (chunk.kind == input_kind::data) {
    input.name = file_name_of(chunk.path);
    auto data = config_.submission.read_input(chunk);
    if (!data) {
      for (const auto& one : placements)
        workers_.on_ended(one.node, microseconds{0});
      fail_without_run(chunk.index, describe(chunk), data.error());
      return phase_ == phase::running;
    }
    input.data = std::move(*data);
  }
  start_job(chunk.index, std::move(input), describe(chunk), terms_,
            std::move(placements));
  return true;
}

void coordinator_actor_state::start_job(std::uint64_t index, job_input input,
                                        std::string input_name,
                                        std::shared_ptr<const task_terms> terms,
                                        std::vector<placement> placements) {
  [[maybe_unused]] auto started = machine_->on_job_started();
  auto& job = open_jobs_[index];
  job.started = now_of(self_);
  job.input_name = std::move(input_name);
  // A job takes them from the end, and counts its attempts from 1.
  auto attempt = static_cast<std::uint32_t>(placements.size());
  for (auto& one : placements) {
    job.placed.push_back({one.node, attempt--});
    one.holders = holders_of(terms->code);
  }
  job_config config;
  config.environment = config_.environment;
  config.terms = std::move(terms);
  config.policy = policy_;
  config.index = index;
  config.input = std::make_shared<const job_input>(std::move(input));
  config.placements = std::move(placements);
  config.random_seed = random_.next();
  config.coordinator = self_;
  config.escrow = escrow_;
  config.sources = sources_of(chunks_->source(), index);
  job.actor = self_->spawn(make_job, std::move(config));
  self_->monitor(job.actor);
}

void coordinator_actor_state::on_place_wanted(place_replica& message) {
  if (!open_jobs_.contains(message.job))
    return;
  auto now = now_of(self_);
  waiting_.push_back({std::move(message), now});
  serve_waiting(now);
}

/// A job says whom to exclude when it wants a replica. Until that is placed,
/// others of the same job may have gone to further owners.
void coordinator_actor_state::exclude_holders(
  const open_job& job, std::vector<owner_id>& excluded) const {
  for (const auto& one : job.placed)
    if (const auto* worker = workers_.find(one.node))
      excluded.push_back(worker->owner);
  excluded.insert(excluded.end(), job.answered.begin(), job.answered.end());
}

const worker_view*
coordinator_actor_state::place_one(const job_outbox::wanted_replica& wanted) {
  auto shunned = wanted.excluded;
  shunned.insert(shunned.end(), wanted.avoided.begin(), wanted.avoided.end());
  const auto* worker = workers_.place(shunned, random_);
  // Busy is no reason to go back to who failed it, absent is.
  if (worker != nullptr || workers_.any_other_owner(shunned))
    return worker;
  return workers_.place(wanted.excluded, random_);
}

/// Somebody who fell silent may be heard again: then it was the path, or us.
milliseconds coordinator_actor_state::patience_for(
  const std::vector<owner_id>& excluded) const {
  auto may_return = [&excluded](const auto& item) {
    const auto& one = item.second;
    return one.losses > 0 && !one.offer
           && std::find(excluded.begin(), excluded.end(), one.remote.owner)
                == excluded.end();
  };
  return std::any_of(bidders_.begin(), bidders_.end(), may_return)
           ? defaults::silent_worker_patience
           : defaults::no_worker_patience;
}

void coordinator_actor_state::serve_waiting(instant now) {
  for (auto it = waiting_.begin(); it != waiting_.end();) {
    if (it->request.wanted.not_before > now) {
      ++it;
      continue;
    }
    auto wanted = it->request.wanted;
    auto& job = open_jobs_.at(it->request.job);
    exclude_holders(job, wanted.excluded);
    if (const auto* worker = place_one(wanted)) {
      auto remote = bidders_.find(worker->node);
      assert(remote != bidders_.end());
      job.placed.push_back({worker->node, wanted.attempt});
      self_->send(job.actor,
                  replica_placed{{wanted.attempt, remote->second.remote.port,
                                  worker->node, worker->owner,
                                  holders_of(code_of(it->request.job))}});
      it = waiting_.erase(it);
    } else if (!workers_.any_other_owner(wanted.excluded)
               && now - std::max(it->since, wanted.not_before)
                    > patience_for(wanted.excluded)) {
      self_->send(job.actor, replica_unplaceable{wanted.attempt});
      it = waiting_.erase(it);
    } else {
      ++it;
    }
  }
}

/// Reduce jobs come after all others.
const code_ref& coordinator_actor_state::code_of(std::uint64_t job) const {
  return (job < chunks_->count() ? terms_ : reduce_terms_)->code;
}

void coordinator_actor_state::note_holder(const node_id& node,
                                          const hash256& bundle) {
  if (bundle.is_zero())
    return;
  auto& known = holders_[bundle];
  if (known
      && (known->size() >= defaults::code_holders_max
          || std::find(known->begin(), known->end(), node) != known->end()))
    return;
  auto more = known ? *known : std::vector<node_id>{};
  more.push_back(node);
  known = std::make_shared<const std::vector<node_id>>(std::move(more));
}

void coordinator_actor_state::forget_holder(const node_id& node) {
  for (auto& [bundle, known] : holders_) {
    if (std::find(known->begin(), known->end(), node) == known->end())
      continue;
    auto fewer = *known;
    std::erase(fewer, node);
    known = std::make_shared<const std::vector<node_id>>(std::move(fewer));
  }
}

node_list coordinator_actor_state::holders_of(const code_ref& code) const {
  auto found = holders_.find(code.bundle);
  return found == holders_.end() ? nullptr : found->second;
}

void coordinator_actor_state::free_worker(open_job& job, const node_id& node,
                                          microseconds run_time) {
  auto placed =
    std::find_if(job.placed.begin(), job.placed.end(),
                 [&node](const auto& one) { return one.node == node; });
  if (placed == job.placed.end())
    return;
  job.placed.erase(placed);
  workers_.on_ended(node, run_time);
}

void coordinator_actor_state::on_replica_closed(const replica_closed& message) {
  auto job = open_jobs_.find(message.job);
  if (job == open_jobs_.end())
    return;
  free_worker(job->second, message.node, message.run_time);
  if (message.answered)
    job->second.answered.push_back(message.owner);
  if (message.lost)
    suspect(message.node);
  if (auto one = bidders_.find(message.node);
      one != bidders_.end() && !message.refusal.empty())
    one->second.refusal =
      message.refusal.substr(0, defaults::refusal_bytes_max);
  if (!waiting_.empty())
    serve_waiting(now_of(self_));
  fill_window();
}

// -- ends ---------------------------------------------------------------------

void coordinator_actor_state::on_job_ended(job_ended& message) {
  auto found = open_jobs_.find(message.job);
  if (found == open_jobs_.end())
    return;
  auto job = std::move(found->second);
  open_jobs_.erase(found);
  waiting_.remove_if([&message](const waiting_replica& one) {
    return one.request.job == message.job;
  });
  for (const auto& one : job.placed)
    workers_.on_ended(one.node, microseconds{0});
  record_attempts(message);
  if (message.state == job_state::completed
      || message.state == job_state::failed)
    record_verdict(message, job.input_name);
  if (phase_ == phase::running) {
    if (message.state == job_state::completed) {
      take_output(message.job, message.accepted->entry().output);
    } else if (message.state == job_state::failed) {
      [[maybe_unused]] auto failed =
        machine_->on_job_failed(message.problem.code);
    } else {
      [[maybe_unused]] auto cancelled = machine_->on_job_cancelled();
    }
  }
  fill_window();
  finish_if_done();
}

result<void> coordinator_actor_state::combine(std::uint64_t index,
                                              const bytes& output) {
  if (!reducer_)
    return aggregate_ ? aggregate_->add(index, output) : result<void>{};
  auto ready = reducer_->on_output(index, output);
  if (!ready)
    return ready.error();
  if (*ready)
    ready_reduces_.push_back(std::move(**ready));
  return {};
}

void coordinator_actor_state::take_output(std::uint64_t index,
                                          const bytes& output) {
  auto taken = combine(index, output);
  if (taken) {
    [[maybe_unused]] auto completed = machine_->on_job_completed();
    return;
  }
  // The replicas agreed on it and are paid; but the task can't use it.
  stop_task({taken.error().code,
             "the output of job " + std::to_string(index)
               + " does not fit the reduce step: " + taken.error().message});
}

void coordinator_actor_state::fail_without_run(std::uint64_t index,
                                               const std::string& input_name,
                                               const failure& problem) {
  [[maybe_unused]] auto started = machine_->on_job_started();
  job_ended ended;
  ended.job = index;
  ended.state = job_state::failed;
  ended.problem = problem;
  record_verdict(ended, input_name);
  [[maybe_unused]] auto failed = machine_->on_job_failed(problem.code);
  finish_if_done();
}

/// A job actor that died of a bug of ours: its job fails, the task goes on.
void coordinator_actor_state::on_job_down(const caf::down_msg& down) {
  // Every job says how it ended before it quits.
  if (down.reason == caf::exit_reason::normal)
    return;
  auto found = std::find_if(open_jobs_.begin(), open_jobs_.end(),
                            [&down](const auto& one) {
                              return one.second.actor.address() == down.source;
                            });
  if (found == open_jobs_.end())
    return;
  job_ended ended;
  ended.job = found->first;
  ended.state = job_state::failed;
  ended.problem = {errc::system_failure,
                   "the job's actor ended: " + caf::to_string(down.reason)};
  on_job_ended(ended);
}

void coordinator_actor_state::stop_task(failure problem) {
  if (phase_ >= phase::closing)
    return;
  report_.problem = std::move(problem);
  if (machine_) [[maybe_unused]]
    auto failed = machine_->on_failed(report_.problem.code);
  end_task(false);
}

void coordinator_actor_state::cancel() {
  if (phase_ >= phase::closing)
    return;
  report_.problem = {errc::cancelled, "the task was cancelled"};
  if (machine_) [[maybe_unused]]
    auto cancelled = machine_->on_cancelled();
  else
    report_.state = task_state::cancelled;
  end_task(false);
}

void coordinator_actor_state::end_task(bool expired) {
  auto bidding = phase_ == phase::bidding;
  phase_ = phase::closing;
  for (const auto& [index, job] : open_jobs_)
    self_->send(job.actor, cancel_job{expired});
  if (bidding) {
    // Nothing was held yet.
    report_.balance_after = report_.balance_before;
    report_.network_after = report_.network_before;
    report();
    return;
  }
  finish_if_done();
}

void coordinator_actor_state::finish_if_done() {
  if (phase_ == phase::running) {
    auto nothing_left =
      open_jobs_.empty() && ready_reduces_.empty() && next_chunk_ >= map_jobs();
    // Reduce jobs that wait for what failed will never start.
    if (nothing_left && !is_final(machine_->state())) [[maybe_unused]]
      auto failed = machine_->on_failed(machine_->failure());
    if (!is_final(machine_->state()))
      return;
    end_task(false);
    return;
  }
  if (phase_ == phase::closing && open_jobs_.empty() && escrow_)
    close_escrow_and_report();
}

void coordinator_actor_state::on_sweep() {
  if (phase_ == phase::reported)
    return;
  auto now = now_of(self_);
  self_->delayed_send(self_, defaults::sweep_interval, sweep{});
  if (phase_ == phase::bidding) {
    ask_again(now);
    close_bidding_if_complete();
    return;
  }
  for (const auto& [index, job] : open_jobs_)
    if (now - job.started >= defaults::sweep_age_min)
      self_->send(job.actor, sweep{});
  if (phase_ != phase::running)
    return;
  auto deadline = config_.submission.spec.deadline;
  if (deadline.count() > 0 && now - started_ > deadline) {
    report_.problem = {errc::timed_out, "the task's deadline of "
                                          + std::to_string(deadline.count())
                                          + " ms passed"};
    [[maybe_unused]] auto expired = machine_->on_expired();
    end_task(true);
    return;
  }
  ask_again(now);
  serve_waiting(now);
  fill_window();
  push_progress(now);
  if (now - claims_pushed_ >= defaults::claim_interval)
    push_claims(now);
}

void coordinator_actor_state::check_invariants() const {
  workers_.check_invariants();
  if (machine_)
    machine_->check_invariants();
  if (reducer_)
    reducer_->check_invariants();
  for (const auto& one : waiting_)
    assert(open_jobs_.contains(one.request.job));
  for (const auto& [index, job] : open_jobs_)
    assert(job.actor);
  assert(phase_ >= phase::running || open_jobs_.empty());
}

} // namespace artel
