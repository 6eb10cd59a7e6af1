// The coordinator's view of its task at one moment, for people.
#include "actors/coordinator.hpp"
#include "actors/defaults.hpp"

#include <algorithm>
#include <utility>

namespace artel {

candidate_view coordinator_actor_state::view_of(const bidder& one) const {
  auto now = now_of(self_);
  candidate_view view;
  view.node = one.remote.node;
  view.owner = one.remote.owner;
  view.display_name = one.remote.display_name;
  view.latency = one.remote.latency;
  view.reputation = config_.book.score(one.remote.owner, wall_now());
  view.asked_for = now - one.asked;
  view.losses = one.losses;
  view.suspected_for = std::max(one.ask_after - now, microseconds{0});
  view.words = one.refusal;
  if (!one.offer)
    return view;
  view.answered = true;
  view.accepted = one.offer->accepted;
  view.price_per_job = one.offer->price_per_job;
  if (!view.accepted)
    view.words = one.offer->refusal.substr(0, defaults::refusal_bytes_max);
  if (const auto* worker = workers_.find(view.node)) {
    view.in_flight = worker->in_flight;
    view.capacity = capacity_of(*worker);
    view.score =
      worker_score(*worker, config_.submission.spec.strategy, price_);
  }
  return view;
}

std::vector<candidate_view> coordinator_actor_state::candidate_views() const {
  std::vector<candidate_view> views;
  for (const auto& [node, one] : bidders_)
    views.push_back(view_of(one));
  for (const auto& one : gone_) {
    views.push_back(view_of(bidder{one.remote, {}, 0, {}, {}, one.reason}));
    views.back().gone = true;
  }
  for (const auto& [node, one] : own_nodes_) {
    views.push_back(view_of(bidder{one, {}, 0, {}, {}, {}}));
    views.back().own = true;
  }
  return views;
}

job_view coordinator_actor_state::view_of(std::uint64_t index,
                                          const open_job& job) const {
  auto now = now_of(self_);
  job_view view;
  view.job = index;
  view.age = now - job.started;
  view.answered = job.answered;
  for (const auto& one : job.placed) {
    auto worker = bidders_.find(one.node);
    attempt_status placed{one.node, {}, one.attempt};
    if (worker != bidders_.end())
      placed.display_name = worker->second.remote.display_name;
    view.placed.push_back(std::move(placed));
    if (const auto* known = workers_.find(one.node))
      view.holding.push_back(known->owner);
  }
  auto waits =
    std::find_if(waiting_.begin(), waiting_.end(),
                 [index](const auto& one) { return one.request.job == index; });
  if (waits == waiting_.end())
    return view;
  const auto& wanted = waits->request.wanted;
  view.excluded = wanted.excluded;
  view.waiting = waiting_view{
    wanted.attempt, std::max(wanted.not_before - now, microseconds{0}),
    wanted.avoided};
  return view;
}

/// The oldest; which those are is found in one pass.
std::vector<job_view> coordinator_actor_state::job_views() const {
  using item = std::pair<instant, std::uint64_t>;
  std::vector<item> oldest;
  for (const auto& [index, job] : open_jobs_)
    oldest.emplace_back(job.started, index);
  auto count = std::min(oldest.size(), defaults::open_jobs_explained);
  std::partial_sort(oldest.begin(),
                    oldest.begin() + static_cast<std::ptrdiff_t>(count),
                    oldest.end());
  oldest.resize(count);
  std::vector<job_view> views;
  for (const auto& [started, index] : oldest)
    views.push_back(view_of(index, open_jobs_.at(index)));
  return views;
}

task_explanation coordinator_actor_state::explain() const {
  const auto& spec = config_.submission.spec;
  task_view view;
  view.task = config_.task;
  view.name = spec.name;
  view.phase = phase_;
  view.state = machine_ ? machine_->state() : report_.state;
  if (machine_)
    view.jobs = machine_->jobs();
  else if (chunks_)
    view.jobs.total = map_jobs() + (reducer_ ? reducer_->job_count() : 0);
  view.jobs_open = open_jobs_.size();
  view.replicas = spec.verification.replicas;
  view.price = price_;
  view.price_floor = config_.price_floor;
  view.hold = hold_;
  view.accounts_known = accounts_known_;
  if (config_.awaits_peers)
    view.waits_for_peers =
      started_ + defaults::first_peer_patience - now_of(self_);
  view.window_full = open_jobs_.size() >= window();
  view.observer_behind = batches_unanswered_ >= defaults::event_batches_max;
  view.settling_claims = report_.paid_by_claims;
  view.problem = report_.problem.message;
  view.candidates = candidate_views();
  view.open_jobs = job_views();
  return artel::explain(view);
}

} // namespace artel
