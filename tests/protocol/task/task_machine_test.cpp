#include "protocol/task/task_machine.hpp"

#include "protocol/core/random.hpp"

#include <doctest/doctest.h>

#include <map>
#include <string>
#include <tuple>

using namespace artel;

namespace {

task_machine running_task(std::uint64_t jobs, std::uint64_t failed_jobs_max,
                          std::uint64_t started) {
  task_machine machine{jobs, failed_jobs_max};
  REQUIRE(machine.on_scheduled().ok());
  for (std::uint64_t i = 0; i < started; ++i)
    REQUIRE(machine.on_job_started().ok());
  machine.check_invariants();
  return machine;
}

/// All that can be seen of a machine, to compare before and after.
auto view_of(const task_machine& machine) {
  const auto& jobs = machine.jobs();
  return std::tuple{machine.state(), machine.failure(), jobs.total,
                    jobs.started,    jobs.completed,    jobs.failed,
                    jobs.cancelled};
}

constexpr int steps = 8;

result<void> apply(task_machine& machine, int step, errc code) {
  switch (step) {
    case 0: return machine.on_scheduled();
    case 1: return machine.on_job_started();
    case 2: return machine.on_job_completed();
    case 3: return machine.on_job_failed(code);
    case 4: return machine.on_job_cancelled();
    case 5: return machine.on_failed(code);
    case 6: return machine.on_cancelled();
    default: return machine.on_expired();
  }
}

/// What the drawing of states allows, written a second time.
bool is_allowed(const task_machine& machine, int step) {
  auto state = machine.state();
  const auto& jobs = machine.jobs();
  auto takes_jobs =
    state == task_state::scheduled || state == task_state::running;
  switch (step) {
    case 0: return state == task_state::pending;
    case 1: return takes_jobs && jobs.started < jobs.total;
    case 2: return takes_jobs && jobs.completed < jobs.started;
    case 3:
    case 4: return takes_jobs;
    default: return takes_jobs || state == task_state::pending;
  }
}

} // namespace

TEST_CASE("A task runs from pending to completed as its jobs do") {
  task_machine machine{2, 0};
  CHECK(machine.state() == task_state::pending);
  CHECK(machine.on_scheduled().ok());
  CHECK(machine.state() == task_state::scheduled);
  CHECK(machine.on_job_started().ok());
  CHECK(machine.state() == task_state::running);
  CHECK(machine.on_job_started().ok());
  CHECK(machine.on_job_completed().ok());
  CHECK(machine.state() == task_state::running);
  CHECK(machine.on_job_completed().ok());
  CHECK(machine.state() == task_state::completed);
  CHECK(machine.failure() == errc{});
  CHECK(machine.jobs().completed == 2);
  machine.check_invariants();
}

TEST_CASE("A task fails at once when more jobs fail than allowed") {
  auto machine = running_task(100, 2, 10);
  CHECK(machine.on_job_failed(errc::timed_out).ok());
  CHECK(machine.on_job_failed(errc::timed_out).ok());
  CHECK(machine.state() == task_state::running);
  CHECK(machine.on_job_failed(errc::timed_out).ok());
  CHECK(machine.state() == task_state::failed);
  CHECK(machine.failure() == errc::timed_out);
}

TEST_CASE("A task with one failed job fails once the last job has ended") {
  auto machine = running_task(2, 10, 2);
  CHECK(machine.on_job_failed(errc::execution_failed).ok());
  CHECK(machine.state() == task_state::running);
  CHECK(machine.on_job_completed().ok());
  CHECK(machine.state() == task_state::failed);
  CHECK(machine.failure() == errc::execution_failed);
}

TEST_CASE("A job that never started may fail, but not complete") {
  auto machine = running_task(2, 10, 1);
  CHECK(machine.on_job_failed(errc::execution_failed).ok());
  CHECK(machine.on_job_failed(errc::execution_failed).ok());
  CHECK(machine.state() == task_state::failed);
  CHECK(machine.jobs().started == 1);

  auto other = running_task(2, 10, 1);
  CHECK(other.on_job_completed().ok());
  CHECK(other.on_job_completed().error().code == errc::invalid_state);
  CHECK(other.jobs().completed == 1);
}

TEST_CASE("A task whose other jobs completed is cancelled by its last one") {
  auto machine = running_task(2, 10, 2);
  CHECK(machine.on_job_completed().ok());
  CHECK(machine.on_job_cancelled().ok());
  CHECK(machine.state() == task_state::cancelled);
}

TEST_CASE("The failure told is the most frequent, of equals the first seen") {
  auto machine = running_task(10, 10, 10);
  CHECK(machine.failure() == errc{});
  // Of a larger value than the next, so that first seen is not just smallest.
  CHECK(machine.on_job_failed(errc::execution_failed).ok());
  CHECK(machine.on_job_failed(errc::no_workers).ok());
  CHECK(machine.failure() == errc::execution_failed);
  CHECK(machine.on_job_failed(errc::no_workers).ok());
  CHECK(machine.failure() == errc::no_workers);
  CHECK(machine.on_job_failed(errc::execution_failed).ok());
  CHECK(machine.failure() == errc::execution_failed);
  CHECK(machine.on_failed(errc::insufficient_credits).ok());
  CHECK(machine.failure() == errc::insufficient_credits);
  machine.check_invariants();
}

TEST_CASE("A pending task can fail, expire or be cancelled, but run no job") {
  for (int step = 1; step < steps; ++step) {
    CAPTURE(step);
    task_machine machine{3, 0};
    CHECK(apply(machine, step, errc::no_workers).ok() == (step >= 5));
    machine.check_invariants();
  }
  task_machine poor{3, 0};
  CHECK(poor.on_failed(errc::insufficient_credits).ok());
  CHECK(poor.state() == task_state::failed);
  CHECK(poor.failure() == errc::insufficient_credits);
}

TEST_CASE("A refusal names the task's state") {
  auto machine = running_task(1, 0, 1);
  CHECK(machine.on_job_completed().ok());
  auto late = machine.on_job_completed();
  REQUIRE_FALSE(late.ok());
  CHECK(late.error()
        == failure{errc::invalid_state,
                   "the task is completed: a job can complete only while its"
                   " task is scheduled or running"});
}

TEST_CASE("Task states have names, and four of them are final") {
  std::map<std::string, bool> states;
  for (int i = 1; i <= 7; ++i) {
    auto state = static_cast<task_state>(i);
    states.emplace(to_string(state), is_final(state));
  }
  CHECK(states
        == std::map<std::string, bool>{{"pending", false},
                                       {"scheduled", false},
                                       {"running", false},
                                       {"completed", true},
                                       {"failed", true},
                                       {"cancelled", true},
                                       {"expired", true}});
}

TEST_CASE("Random steps follow the drawing; a refused one changes nothing") {
  std::map<task_state, int> ends;
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    CAPTURE(seed);
    auto random = random_generator::from_number(seed);
    task_machine machine{1 + random.below(6), random.below(4)};
    for (int i = 0; i < 40; ++i) {
      // Ends of the whole task are rare, or none would get far.
      auto step = static_cast<int>(random.below(30) == 0 ? 5 + random.below(3)
                                                         : random.below(5));
      auto code = static_cast<errc>(1 + random.below(24));
      auto before = view_of(machine);
      auto allowed = is_allowed(machine, step);
      auto outcome = apply(machine, step, code);
      machine.check_invariants();
      REQUIRE(outcome.ok() == allowed);
      if (!allowed) {
        REQUIRE(outcome.error().code == errc::invalid_state);
        REQUIRE(view_of(machine) == before);
      }
    }
    ++ends[machine.state()];
  }
  CHECK(ends[task_state::completed] > 0);
  CHECK(ends[task_state::failed] > 0);
  CHECK(ends[task_state::cancelled] > 0);
  CHECK(ends[task_state::expired] > 0);
}
