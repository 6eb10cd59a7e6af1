#include "actors/coordinator_explanation.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <string_view>
#include <utility>

namespace artel {

namespace {

/// Workers named one by one in what a job waits for.
constexpr std::size_t workers_named = 12;

std::string counted(std::uint64_t count, std::string_view what) {
  return std::to_string(count) + " " + std::string{what}
         + (count == 1 ? "" : "s");
}

std::string ordinal(std::size_t number) {
  static constexpr std::string_view words[] = {"first", "second", "third",
                                               "fourth", "fifth"};
  if (number >= 1 && number <= std::size(words))
    return std::string{words[number - 1]};
  return std::to_string(number) + "th";
}

bool contains(const std::vector<owner_id>& owners, const owner_id& one) {
  return std::find(owners.begin(), owners.end(), one) != owners.end();
}

// -- workers ------------------------------------------------------------------

/// Whether it wants jobs for what the task pays.
bool offers(const candidate_view& one, credits price) {
  return one.accepted && (price.micro == 0 || one.price_per_job <= price);
}

candidate_state state_of(const candidate_view& one, credits price) {
  if (one.own)
    return candidate_state::own;
  if (one.gone)
    return candidate_state::gone;
  if (!one.answered)
    return one.losses > 0 ? candidate_state::suspected
                          : candidate_state::silent;
  if (!offers(one, price))
    return candidate_state::declined;
  return one.capacity > 0 && one.in_flight >= one.capacity
           ? candidate_state::full
           : candidate_state::available;
}

std::string load_text(const candidate_view& one) {
  return "in flight " + std::to_string(one.in_flight) + " of "
         + std::to_string(one.capacity);
}

std::string suspicion_text(const candidate_view& one) {
  auto text = "fell silent with jobs"
              + (one.losses > 1 ? ", " + std::to_string(one.losses) + " times"
                                : std::string{});
  return text
         + (one.suspected_for.count() > 0
              ? "; suspected for " + time_text(one.suspected_for) + " more"
              : "; asked again, no answer yet");
}

/// Why it is not given jobs at what the task pays.
std::string price_text(const candidate_view& one, const task_view& view) {
  auto text = "asks " + to_string(one.price_per_job)
              + " credits a job, the task pays " + to_string(view.price);
  return view.price < view.price_floor
           ? text + ", and the network's price floor is now "
               + to_string(view.price_floor)
           : text;
}

std::string reason_of(const candidate_view& one, candidate_state state,
                      const task_view& view) {
  auto handed_back = one.words.empty()
                       ? std::string{}
                       : "; it last handed a job back: " + one.words;
  switch (state) {
    case candidate_state::own:
      return "belongs to the task's own owner, and nobody verifies its own "
             "work";
    case candidate_state::gone: return "its link is gone: " + one.words;
    case candidate_state::suspected: return suspicion_text(one);
    case candidate_state::silent:
      return "asked for a bid, no answer since " + time_text(one.asked_for);
    case candidate_state::declined:
      if (one.accepted)
        return price_text(one, view);
      return "declined: " + one.words;
    case candidate_state::full: return "full: " + load_text(one) + handed_back;
    case candidate_state::available:
      return one.capacity > 0 ? load_text(one) + handed_back
                              : "takes part" + handed_back;
  }
  return {};
}

candidate_status status_of(const candidate_view& one, const task_view& view) {
  candidate_status status;
  status.node = one.node;
  status.owner = one.owner;
  status.display_name = one.display_name;
  status.state = state_of(one, view.price);
  status.reason = reason_of(one, status.state, view);
  status.price_per_job = one.price_per_job;
  status.score = one.score;
  status.reputation = one.reputation;
  status.latency = one.latency;
  status.in_flight = one.in_flight;
  status.capacity = one.capacity;
  return status;
}

// -- jobs ---------------------------------------------------------------------

/// Owners that must not get a further replica of the job.
std::set<owner_id> taken_owners(const job_view& job) {
  std::set<owner_id> taken{job.holding.begin(), job.holding.end()};
  taken.insert(job.answered.begin(), job.answered.end());
  taken.insert(job.excluded.begin(), job.excluded.end());
  return taken;
}

/// Why a worker does not get the replica; empty: it could.
std::string obstacle(const candidate_status& worker, const job_view& job) {
  if (worker.state == candidate_state::available
      || worker.state == candidate_state::full) {
    if (contains(job.holding, worker.owner))
      return "its owner runs this job already";
    if (contains(job.answered, worker.owner))
      return "its owner already answered this job";
    if (contains(job.excluded, worker.owner))
      return "its owner had this job already";
    if (worker.state == candidate_state::available
        && contains(job.waiting->avoided, worker.owner))
      return "its owner failed this job before, and others may take it";
    if (worker.state == candidate_state::available)
      return {};
  }
  return worker.reason;
}

std::string waits_text(const job_view& job,
                       const std::vector<candidate_status>& workers) {
  const auto& waiting = *job.waiting;
  auto text = "attempt " + std::to_string(waiting.attempt) + " waits for a "
              + ordinal(taken_owners(job).size() + 1) + " owner";
  if (waiting.pause.count() > 0)
    return text + ": paused after a failure, " + time_text(waiting.pause)
           + " more";
  std::size_t named = 0;
  std::size_t left_out = 0;
  for (const auto& worker : workers) {
    auto why = obstacle(worker, job);
    if (worker.state == candidate_state::own)
      continue;
    if (named == workers_named) {
      ++left_out;
      continue;
    }
    text += (named++ == 0 ? ": " : "; ") + worker.display_name + ": "
            + (why.empty() ? "may get it now" : why);
  }
  if (named == 0)
    text += ": no worker is known";
  if (left_out > 0)
    text += "; and " + counted(left_out, "more worker");
  return text;
}

open_job_status status_of(const job_view& job,
                          const std::vector<candidate_status>& workers) {
  open_job_status status;
  status.job = job.job;
  status.age = job.age;
  status.placed = job.placed;
  if (job.waiting)
    status.waits_for = waits_text(job, workers);
  return status;
}

// -- the one sentence ---------------------------------------------------------

struct worker_counts {
  std::uint64_t asked = 0;
  std::uint64_t answered = 0;
  std::uint64_t offering = 0;
  std::uint64_t available = 0;
  std::uint64_t suspected = 0;
  std::uint64_t declined = 0;
  /// Distinct ones, of those that offer.
  std::set<owner_id> owners;
};

worker_counts count(const std::vector<candidate_status>& workers) {
  worker_counts counts;
  for (const auto& one : workers) {
    if (one.state == candidate_state::own || one.state == candidate_state::gone)
      continue;
    ++counts.asked;
    counts.answered += one.state != candidate_state::silent
                       && one.state != candidate_state::suspected;
    counts.suspected += one.state == candidate_state::suspected;
    counts.declined += one.state == candidate_state::declined;
    counts.available += one.state == candidate_state::available;
    if (one.state == candidate_state::available
        || one.state == candidate_state::full) {
      ++counts.offering;
      counts.owners.insert(one.owner);
    }
  }
  return counts;
}

std::string owners_offer(std::size_t owners) {
  return owners == 0 ? std::string{"no owner offers workers"}
         : owners == 1
           ? std::string{"only 1 owner offers workers"}
           : "only " + std::to_string(owners) + " owners offer workers";
}

std::string bidding_text(const task_view& view, const worker_counts& counts) {
  auto longer = view.waits_for_peers && view.waits_for_peers->count() > 0
                  ? " (for " + time_text(*view.waits_for_peers) + " more)"
                  : std::string{};
  if (counts.asked == 0)
    return "waiting for other nodes: none is connected" + longer;
  if (counts.answered < counts.asked)
    return "waiting for bids: " + std::to_string(counts.answered) + " of "
           + counted(counts.asked, "worker") + " answered";
  if (counts.owners.size() < view.replicas)
    return "waiting for workers: every job needs "
           + std::to_string(view.replicas) + " of distinct owners, "
           + owners_offer(counts.owners.size()) + longer;
  if (!view.accounts_known)
    return "waiting for the ledger to tell the account's balance";
  return "waiting for further nodes to appear" + longer;
}

/// The oldest job that can't go on with the owners that are here.
const job_view* starved_job(const task_view& view,
                            const worker_counts& counts) {
  for (const auto& job : view.open_jobs) {
    if (!job.waiting || job.waiting->pause.count() > 0)
      continue;
    auto taken = taken_owners(job);
    if (std::includes(taken.begin(), taken.end(), counts.owners.begin(),
                      counts.owners.end()))
      return &job;
  }
  return nullptr;
}

std::string running_text(const task_view& view, const worker_counts& counts) {
  auto done = view.jobs.completed + view.jobs.failed + view.jobs.cancelled;
  auto progress = std::to_string(done) + " of "
                  + counted(view.jobs.total, "job") + " done, "
                  + std::to_string(view.jobs_open) + " in flight";
  if (view.observer_behind)
    return "waiting for whoever takes its results, which is behind: "
           + progress;
  if (counts.offering == 0)
    return "no worker is left: "
           + (counts.suspected > 0
                ? counted(counts.suspected, "worker") + " fell silent"
              : counts.declined > 0
                ? counted(counts.declined, "worker") + " declined"
                : std::string{"none is connected"})
           + "; " + progress;
  if (const auto* job = starved_job(view, counts))
    return "job " + std::to_string(job->job) + " needs a "
           + ordinal(taken_owners(*job).size() + 1) + " owner, and "
           + owners_offer(counts.owners.size()) + "; " + progress;
  auto all_started = view.jobs.started >= view.jobs.total;
  if (!all_started && counts.owners.size() < view.replicas)
    return "every job needs " + std::to_string(view.replicas)
           + " workers of distinct owners, and "
           + owners_offer(counts.owners.size()) + "; " + progress;
  if (!all_started && counts.available == 0)
    return (counts.offering == 1
              ? std::string{"the only worker is full"}
              : "all " + std::to_string(counts.offering) + " workers are full")
           + "; " + progress;
  if (!all_started && view.window_full)
    return "its window is full; " + progress;
  return "running: " + progress;
}

std::string summary_of(const task_view& view, const worker_counts& counts) {
  switch (view.phase) {
    case task_phase::bidding: return bidding_text(view, counts);
    case task_phase::holding:
      return "waiting for " + to_string(view.hold) + " credits to be held";
    case task_phase::running: return running_text(view, counts);
    case task_phase::closing:
      if (view.jobs_open > 0)
        return "ending: " + counted(view.jobs_open, "job") + " still in flight";
      return view.settling_claims
               ? "ending: its payees are to acknowledge what they are owed"
               : "ending: its credits are being settled";
    case task_phase::reported: break;
  }
  auto text = "over: " + std::string{to_string(view.state)};
  return view.problem.empty() ? text : text + ": " + view.problem;
}

} // namespace

std::string_view to_string(candidate_state state) noexcept {
  switch (state) {
    case candidate_state::silent: return "silent";
    case candidate_state::declined: return "declined";
    case candidate_state::available: return "available";
    case candidate_state::full: return "full";
    case candidate_state::suspected: return "suspected";
    case candidate_state::gone: return "gone";
    case candidate_state::own: return "own";
  }
  return "unknown";
}

std::string_view to_string(task_phase phase) noexcept {
  switch (phase) {
    case task_phase::bidding: return "bidding";
    case task_phase::holding: return "holding";
    case task_phase::running: return "running";
    case task_phase::closing: return "closing";
    case task_phase::reported: return "reported";
  }
  return "unknown";
}

std::string time_text(microseconds duration) {
  auto millis = std::max<std::int64_t>(duration.count(), 0) / 1'000;
  if (millis < 1'000)
    return std::to_string(millis) + " ms";
  if (millis < 60'000)
    return std::to_string(millis / 1'000) + "."
           + std::to_string(millis % 1'000 / 100) + " s";
  auto seconds = millis / 1'000;
  return std::to_string(seconds / 60) + " min " + std::to_string(seconds % 60)
         + " s";
}

task_explanation explain(const task_view& view) {
  task_explanation told;
  told.task = view.task;
  told.name = view.name;
  told.phase = to_string(view.phase);
  told.jobs = view.jobs.total;
  told.jobs_done = view.jobs.completed;
  told.jobs_failed = view.jobs.failed;
  told.jobs_open = view.jobs_open;
  for (const auto& one : view.candidates)
    told.candidates.push_back(status_of(one, view));
  for (const auto& job : view.open_jobs)
    told.open_jobs.push_back(status_of(job, told.candidates));
  told.summary = summary_of(view, count(told.candidates));
  return told;
}

} // namespace artel
