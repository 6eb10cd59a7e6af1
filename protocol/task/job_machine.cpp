#include "protocol/task/job_machine.hpp"

#include <algorithm>
#include <cassert>

namespace artel {

std::string_view to_string(job_state state) noexcept {
  switch (state) {
    case job_state::pending: return "pending";
    case job_state::assigned: return "assigned";
    case job_state::acked: return "acked";
    case job_state::running: return "running";
    case job_state::completed: return "completed";
    case job_state::failed: return "failed";
    case job_state::cancelled: return "cancelled";
    case job_state::expired: return "expired";
  }
  return "unknown";
}

bool is_final(job_state state) noexcept {
  return state >= job_state::completed;
}

void job_machine::on_start(instant now, job_outbox& outbox) {
  assert(attempts_.empty());
  for (std::uint32_t i = 0; i < policy_.verification.replicas; ++i)
    want(now, outbox);
}

void job_machine::on_placed(std::uint32_t attempt, const owner_id& owner) {
  auto* placed = find(attempt, attempt_state::wanted);
  if (placed == nullptr)
    return;
  placed->state = attempt_state::active;
  placed->owner = owner;
  advance(job_state::assigned);
}

void job_machine::on_acked(std::uint32_t attempt) {
  if (find(attempt, attempt_state::active) != nullptr)
    advance(job_state::acked);
}

void job_machine::on_running(std::uint32_t attempt) {
  if (find(attempt, attempt_state::active) != nullptr)
    advance(job_state::running);
}

void job_machine::on_answer(instant now, std::uint32_t attempt,
                            const hash256& output, job_outbox& outbox) {
  auto* answered = find(attempt, attempt_state::active);
  if (answered == nullptr)
    return;
  answered->state = attempt_state::answered;
  answers_.push_back({attempt, answered->owner, output});
  decide(now, outbox);
}

void job_machine::on_failed(instant now, std::uint32_t attempt, errc code,
                            std::string reason, random_generator& random,
                            job_outbox& outbox) {
  auto* failed = find(attempt, attempt_state::active);
  if (failed == nullptr)
    return;
  failed->state = attempt_state::failed;
  ++failures_;
  last_failure_ = {code, std::move(reason)};
  auto allowed = policy_.attempts_max * policy_.verification.replicas;
  if (failures_ >= allowed) {
    fail(code, last_failure_.message, outbox);
    return;
  }
  // A worker that is gone says nothing about the job, and time was lost
  // already.
  if (code == errc::unreachable) {
    want(now, outbox);
    return;
  }
  // Replicas fail side by side: the backoff grows with rounds, not with each.
  auto rounds = (failures_ - 1) / policy_.verification.replicas + 1;
  want(now + retry_delay(policy_.retry, rounds, random), outbox);
}

void job_machine::on_unplaceable(std::uint32_t attempt, job_outbox& outbox) {
  auto* wanted = find(attempt, attempt_state::wanted);
  if (wanted == nullptr)
    return;
  wanted->state = attempt_state::cancelled;
  // What still runs may yet decide it.
  if (open_attempts() > 0)
    return;
  if (answers_.size() >= policy_.verification.replicas) {
    fail(errc::verification_failed,
         "no agreement among " + std::to_string(answers_.size())
           + " answers, and no further worker to ask",
         outbox);
  } else if (last_failure_.code != errc{}) {
    fail(last_failure_.code, last_failure_.message, outbox);
  } else {
    fail(errc::no_workers,
         "no worker of another owner is left: "
           + std::to_string(answers_.size()) + " of "
           + std::to_string(policy_.verification.replicas) + " answers came",
         outbox);
  }
}

void job_machine::on_cancelled(bool expired, job_outbox& outbox) {
  if (!is_final(state_))
    finish(expired ? job_state::expired : job_state::cancelled, outbox);
}

job_machine::attempt_record* job_machine::find(std::uint32_t number,
                                               attempt_state expected) {
  if (is_final(state_) || number == 0 || number > attempts_.size())
    return nullptr;
  auto& found = attempts_[number - 1];
  return found.state == expected ? &found : nullptr;
}

void job_machine::want(instant not_before, job_outbox& outbox) {
  attempts_.emplace_back();
  job_outbox::wanted_replica wanted;
  wanted.attempt = attempts();
  wanted.not_before = not_before;
  for (const auto& other : attempts_) {
    if (other.state == attempt_state::active
        || other.state == attempt_state::answered)
      wanted.excluded.push_back(other.owner);
    else if (other.state == attempt_state::failed)
      wanted.avoided.push_back(other.owner);
  }
  outbox.wanted.push_back(std::move(wanted));
}

void job_machine::decide(instant now, job_outbox& outbox) {
  verdict_ = judge(policy_.verification, answers_);
  switch (verdict_.status) {
    case majority_verdict::kind::accepted:
      finish(job_state::completed, outbox);
      return;
    case majority_verdict::kind::rejected:
      fail(errc::verification_failed,
           "no agreement among " + std::to_string(answers_.size())
             + " answers of distinct owners",
           outbox);
      return;
    case majority_verdict::kind::undecided:
      for (auto open = open_attempts(); open < verdict_.missing; ++open)
        want(now, outbox);
      return;
  }
}

void job_machine::finish(job_state state, job_outbox& outbox) {
  state_ = state;
  outbox.wanted.clear();
  for (std::uint32_t i = 0; i < attempts_.size(); ++i) {
    auto& open = attempts_[i];
    if (open.state == attempt_state::active)
      outbox.cancelled.push_back(i + 1);
    if (open.state == attempt_state::active
        || open.state == attempt_state::wanted)
      open.state = attempt_state::cancelled;
  }
  outbox.ended = true;
}

void job_machine::fail(errc code, std::string reason, job_outbox& outbox) {
  problem_ = {code, std::move(reason)};
  finish(job_state::failed, outbox);
}

void job_machine::advance(job_state state) {
  if (state_ < state)
    state_ = state;
}

std::uint32_t job_machine::open_attempts() const {
  return static_cast<std::uint32_t>(std::count_if(
    attempts_.begin(), attempts_.end(), [](const attempt_record& one) {
      return one.state == attempt_state::wanted
             || one.state == attempt_state::active;
    }));
}

void job_machine::check_invariants() const {
  std::vector<owner_id> holders;
  std::size_t answered = 0;
  std::uint32_t failed = 0;
  for (const auto& one : attempts_) {
    answered += one.state == attempt_state::answered;
    failed += one.state == attempt_state::failed;
    if (one.state == attempt_state::active
        || one.state == attempt_state::answered)
      holders.push_back(one.owner);
    assert(!is_final(state_) || one.state >= attempt_state::answered);
  }
  // Two replicas never share an owner.
  std::sort(holders.begin(), holders.end());
  assert(std::adjacent_find(holders.begin(), holders.end()) == holders.end());
  assert(answered == answers_.size());
  assert(failed == failures_);
  assert(failures_ <= policy_.attempts_max * policy_.verification.replicas);
  assert((state_ == job_state::completed)
         == (verdict_.status == majority_verdict::kind::accepted));
  assert(state_ != job_state::failed || problem_.code != errc{});
  assert(state_ == job_state::pending || is_final(state_)
         || !attempts_.empty());
}

} // namespace artel
