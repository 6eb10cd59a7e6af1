#include "protocol/task/task_machine.hpp"

#include <algorithm>
#include <cassert>
#include <string>

namespace artel {

std::string_view to_string(task_state state) noexcept {
  switch (state) {
    case task_state::pending: return "pending";
    case task_state::scheduled: return "scheduled";
    case task_state::running: return "running";
    case task_state::completed: return "completed";
    case task_state::failed: return "failed";
    case task_state::cancelled: return "cancelled";
    case task_state::expired: return "expired";
  }
  return "unknown";
}

bool is_final(task_state state) noexcept {
  return state >= task_state::completed;
}

task_machine::task_machine(std::uint64_t jobs, std::uint64_t failed_jobs_max)
  : failed_jobs_max_(failed_jobs_max) {
  assert(jobs > 0);
  jobs_.total = jobs;
}

errc task_machine::failure() const noexcept {
  if (reason_)
    return *reason_;
  // Kept in the order first seen, and max_element gives the first of equals.
  auto most = std::max_element(
    failures_.begin(), failures_.end(),
    [](const auto& a, const auto& b) { return a.jobs < b.jobs; });
  return most == failures_.end() ? errc{} : most->code;
}

result<void> task_machine::on_scheduled() {
  if (state_ != task_state::pending)
    return refuse("only a pending task can be scheduled");
  state_ = task_state::scheduled;
  return {};
}

result<void> task_machine::on_job_started() {
  if (auto allowed = check_takes_jobs("start"); !allowed)
    return allowed;
  if (jobs_.started == jobs_.total)
    return refuse("all of its jobs have started");
  ++jobs_.started;
  state_ = task_state::running;
  return {};
}

result<void> task_machine::on_job_completed() {
  if (auto allowed = check_takes_jobs("complete"); !allowed)
    return allowed;
  if (jobs_.completed == jobs_.started)
    return refuse("every job that started has completed");
  ++jobs_.completed;
  settle();
  return {};
}

result<void> task_machine::on_job_failed(errc code) {
  if (auto allowed = check_takes_jobs("fail"); !allowed)
    return allowed;
  ++jobs_.failed;
  auto seen = std::find_if(failures_.begin(), failures_.end(),
                           [&](const auto& one) { return one.code == code; });
  if (seen == failures_.end())
    failures_.push_back({code, 1});
  else
    ++seen->jobs;
  settle();
  return {};
}

result<void> task_machine::on_job_cancelled() {
  if (auto allowed = check_takes_jobs("be cancelled"); !allowed)
    return allowed;
  ++jobs_.cancelled;
  settle();
  return {};
}

result<void> task_machine::on_failed(errc code) {
  auto ended_now = end(task_state::failed);
  if (ended_now)
    reason_ = code;
  return ended_now;
}

result<void> task_machine::on_cancelled() {
  return end(task_state::cancelled);
}

result<void> task_machine::on_expired() {
  return end(task_state::expired);
}

std::uint64_t task_machine::ended() const noexcept {
  return jobs_.completed + jobs_.failed + jobs_.cancelled;
}

result<void> task_machine::end(task_state state) {
  if (is_final(state_))
    return refuse("it cannot become " + std::string{to_string(state)});
  state_ = state;
  return {};
}

result<void> task_machine::check_takes_jobs(std::string_view step) const {
  if (state_ == task_state::scheduled || state_ == task_state::running)
    return {};
  return refuse("a job can " + std::string{step}
                + " only while its task is scheduled or running");
}

result<void> task_machine::refuse(const std::string& why) const {
  return {errc::invalid_state,
          "the task is " + std::string{to_string(state_)} + ": " + why};
}

void task_machine::settle() {
  if (jobs_.failed > failed_jobs_max_)
    state_ = task_state::failed;
  else if (ended() < jobs_.total)
    return;
  else if (jobs_.failed > 0)
    state_ = task_state::failed;
  else if (jobs_.cancelled > 0)
    state_ = task_state::cancelled;
  else
    state_ = task_state::completed;
}

void task_machine::check_invariants() const {
  assert(jobs_.total > 0);
  assert(jobs_.started <= jobs_.total);
  assert(jobs_.completed <= jobs_.started);
  assert(ended() <= jobs_.total);
  std::uint64_t counted = 0;
  for (const auto& one : failures_)
    counted += one.jobs;
  assert(counted == jobs_.failed);
  assert((state_ == task_state::completed) == (jobs_.completed == jobs_.total));
  assert(!reason_ || state_ == task_state::failed);
  if (state_ == task_state::pending)
    assert(jobs_.started == 0 && ended() == 0);
  if (state_ == task_state::scheduled)
    assert(jobs_.started == 0);
  if (state_ == task_state::failed)
    assert(reason_ || jobs_.failed > 0);
  if (!is_final(state_)) {
    assert(ended() < jobs_.total);
    assert(jobs_.failed <= failed_jobs_max_);
  }
}

} // namespace artel
