#include "runtime/sim/stage.hpp"

#include <caf/abstract_actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/exit_reason.hpp>
#include <caf/message.hpp>
#include <caf/message_id.hpp>
#include <caf/system_messages.hpp>

#include <algorithm>
#include <limits>

namespace artel::sim {

stage_config::stage_config() {
  set("scheduler.policy", caf::atom("testing"));
  set("logger.verbosity", caf::atom("quiet"));
}

namespace {

microseconds since_epoch(caf::actor_clock::time_point at) {
  return std::chrono::duration_cast<microseconds>(at.time_since_epoch());
}

/// So many known actors of a node before those that have ended are forgotten.
constexpr std::size_t forget_from = 64;

} // namespace

stage::stage(std::uint64_t seed)
  : system_(config_),
    scheduler_(
      dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())),
    order_(random_generator::from_number(seed)),
    start_(since_epoch(scheduler_.clock().now())) {
  // CAF's own actors belong to nobody and are never touched.
  owners_.resize(system_.latest_actor_id() + 1, no_node);
  remembered_.resize(owners_.size(), true);
}

stage::~stage() {
  end();
}

void stage::end() {
  before_step = nullptr;
  after_step = nullptr;
  agenda_.clear();
  scheduler_.clock().cancel_all();
  while (!actors_.empty() || !scheduler_.jobs.empty()) {
    if (actors_.empty()) {
      run(*scheduler_.jobs.front());
      continue;
    }
    kill(actors_.begin()->first);
  }
  scheduler_.clock().cancel_all();
}

instant stage::now() const {
  return instant{since_epoch(scheduler_.clock().now())};
}

bool stage::has_ended(const caf::scheduled_actor& actor) {
  return actor.getf(caf::abstract_actor::is_terminated_flag
                    | caf::abstract_actor::is_cleaned_up_flag);
}

// -- who belongs where --------------------------------------------------------

void stage::adopt(caf::actor_id after, node_index node) {
  owners_.resize(std::max<std::size_t>(owners_.size(), after + 1), no_node);
  owners_.resize(system_.latest_actor_id() + 1, node);
  remembered_.resize(owners_.size(), false);
}

node_index stage::owner_of(caf::actor_id actor) const {
  return actor < owners_.size() ? owners_[actor] : no_node;
}

void stage::remember(caf::scheduled_actor& actor, node_index node) {
  remembered_[actor.id()] = true;
  auto& known = actors_[node];
  if (known.actors.size() >= known.forget_at) {
    std::erase_if(known.actors, [](const known_actor& one) {
      auto strong = caf::actor_cast<caf::strong_actor_ptr>(one.address);
      return !strong
             || has_ended(static_cast<caf::scheduled_actor&>(*strong->get()));
    });
    known.forget_at = std::max(forget_from, 2 * known.actors.size());
  }
  known.actors.push_back({actor.id(), caf::weak_actor_ptr{actor.ctrl(), true}});
}

// -- steps --------------------------------------------------------------------

void stage::run(caf::resumable& job) {
  auto& jobs = scheduler_.jobs;
  if (jobs.front() != &job)
    std::swap(jobs.front(), *std::find(jobs.begin(), jobs.end(), &job));
  auto* actor = dynamic_cast<caf::scheduled_actor*>(&job);
  if (actor == nullptr) {
    scheduler_.run_once();
    return;
  }
  caf::strong_actor_ptr keep{actor->ctrl(), true};
  auto first = system_.latest_actor_id();
  adopt(first, no_node);
  auto node = owner_of(actor->id());
  if (!remembered_[actor->id()])
    remember(*actor, node);
  if (before_step)
    before_step(*actor, node);
  scheduler_.run_once();
  adopt(first, node);
  if (after_step)
    after_step(*actor, node);
}

bool stage::step() {
  auto& jobs = scheduler_.jobs;
  while (!jobs.empty()) {
    auto pick = jobs.size() > 1 ? order_.below(jobs.size()) : 0;
    std::swap(jobs.front(), jobs[pick]);
    auto* job = jobs.front();
    if (!paused_.empty())
      if (const auto* actor = dynamic_cast<caf::scheduled_actor*>(job)) {
        auto kept = paused_.find(owner_of(actor->id()));
        if (kept != paused_.end()) {
          jobs.pop_front();
          kept->second.push_back(job);
          continue;
        }
      }
    ++steps_;
    run(*job);
    return true;
  }
  return false;
}

bool stage::advance(microseconds limit) {
  auto& clock = scheduler_.clock();
  const auto& schedule = clock.schedule();
  auto end =
    std::chrono::duration_cast<caf::actor_clock::duration_type>(start_ + limit);
  auto due = caf::actor_clock::time_point::max();
  if (!schedule.empty())
    due = schedule.begin()->first;
  if (!agenda_.empty())
    due = std::min(
      due, caf::actor_clock::time_point{start_ + agenda_.begin()->first});
  if (due.time_since_epoch() > end) {
    clock.current_time =
      std::max(clock.current_time, caf::actor_clock::time_point{end});
    return false;
  }
  clock.current_time = std::max(clock.current_time, due);
  // All of this moment, so that the seed decides their order.
  while (!schedule.empty() && schedule.begin()->first <= due)
    clock.trigger_timeout();
  while (!agenda_.empty()
         && caf::actor_clock::time_point{start_ + agenda_.begin()->first}
              <= due) {
    auto what = std::move(agenda_.begin()->second);
    agenda_.erase(agenda_.begin());
    what();
  }
  return true;
}

void stage::at(microseconds when, action what) {
  agenda_.emplace(std::max(when, elapsed()), std::move(what));
}

void stage::after(microseconds span, action what) {
  at(elapsed() + span, std::move(what));
}

// -- a node as one ------------------------------------------------------------

void stage::pause(node_index node) {
  paused_.try_emplace(node);
}

void stage::resume(node_index node) {
  auto kept = paused_.extract(node);
  if (kept.empty())
    return;
  for (auto* job : kept.mapped())
    scheduler_.jobs.push_back(job);
}

caf::scheduled_actor* stage::next_ready_of(node_index node) {
  for (auto* job : scheduler_.jobs)
    if (auto* actor = dynamic_cast<caf::scheduled_actor*>(job))
      if (owner_of(actor->id()) == node)
        return actor;
  return nullptr;
}

void stage::kill(node_index node) {
  adopt(system_.latest_actor_id(), no_node);
  resume(node);
  auto watch_before = std::exchange(before_step, nullptr);
  auto watch_after = std::exchange(after_step, nullptr);
  // Before all that waits for it: none of that is to be handled.
  auto send_exit = [](const caf::strong_actor_ptr& actor) {
    if (actor)
      actor->enqueue(
        nullptr, caf::make_message_id(caf::message_priority::high),
        caf::make_message(caf::exit_msg{nullptr, caf::exit_reason::kill}),
        nullptr);
  };
  for (;;) {
    auto known = actors_.extract(node);
    if (!known.empty())
      for (const auto& one : known.mapped().actors)
        send_exit(caf::actor_cast<caf::strong_actor_ptr>(one.address));
    auto* ready = next_ready_of(node);
    if (ready == nullptr)
      break;
    // One that never ran has no exit message yet.
    if (!remembered_[ready->id()])
      send_exit(caf::strong_actor_ptr{ready->ctrl(), true});
    run(*ready);
    actors_.erase(node);
  }
  before_step = std::move(watch_before);
  after_step = std::move(watch_after);
}

void stage::each_actor(
  node_index node,
  const std::function<void(const caf::scheduled_actor&)>& look) const {
  auto found = actors_.find(node);
  if (found == actors_.end())
    return;
  for (const auto& one : found->second.actors) {
    auto strong = caf::actor_cast<caf::strong_actor_ptr>(one.address);
    if (!strong)
      continue;
    auto& actor = static_cast<caf::scheduled_actor&>(*strong->get());
    if (!has_ended(actor))
      look(actor);
  }
}

} // namespace artel::sim
