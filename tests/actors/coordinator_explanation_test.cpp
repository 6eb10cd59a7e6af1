#include "actors/coordinator_explanation.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace artel;

namespace {

owner_id owner(std::uint8_t number) {
  owner_id id;
  id.value[0] = number;
  return id;
}

/// A worker that takes part, with room.
candidate_view worker(std::uint8_t number) {
  candidate_view one;
  one.node.value[0] = number;
  one.owner = owner(number);
  one.display_name = "w" + std::to_string(number);
  one.answered = true;
  one.accepted = true;
  one.price_per_job = credits{100'000};
  one.in_flight = 1;
  one.capacity = 4;
  return one;
}

candidate_view silent(std::uint8_t number) {
  auto one = worker(number);
  one.answered = one.accepted = false;
  one.asked_for = microseconds{2'340'000};
  return one;
}

task_view running_task(std::uint8_t workers) {
  task_view view;
  view.name = "primes";
  view.phase = task_phase::running;
  view.state = task_state::running;
  view.accounts_known = true;
  view.replicas = 3;
  view.price = credits{100'000};
  view.jobs.total = 20;
  view.jobs.started = 7;
  view.jobs.completed = 3;
  view.jobs_open = 4;
  for (std::uint8_t i = 1; i <= workers; ++i)
    view.candidates.push_back(worker(i));
  return view;
}

/// Job 17 runs with one owner, has another's answer and wants a third.
job_view starved_job() {
  job_view job;
  job.job = 17;
  job.age = microseconds{5'000'000};
  job.holding = {owner(1)};
  job.answered = {owner(2)};
  job.excluded = {owner(1), owner(2)};
  job.waiting = waiting_view{4, microseconds{0}, {}};
  return job;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

candidate_status only_status(const candidate_view& one) {
  auto view = running_task(0);
  view.candidates = {one};
  return explain(view).candidates.front();
}

} // namespace

TEST_CASE("while bids are gathered the summary counts the answers") {
  auto view = running_task(2);
  view.phase = task_phase::bidding;
  for (std::uint8_t i = 3; i <= 5; ++i)
    view.candidates.push_back(silent(i));
  CHECK(explain(view).summary == "waiting for bids: 2 of 5 workers answered");
  CHECK(explain(view).phase == "bidding");
}

TEST_CASE("with nobody there the summary says so, and how long it waits") {
  auto view = running_task(0);
  view.phase = task_phase::bidding;
  CHECK(explain(view).summary == "waiting for other nodes: none is connected");
  view.waits_for_peers = microseconds{8'250'000};
  CHECK(explain(view).summary
        == "waiting for other nodes: none is connected (for 8.2 s more)");
  // The owner's own nodes are no help.
  auto own = worker(1);
  own.own = true;
  view.candidates = {own};
  CHECK(has(explain(view).summary, "none is connected"));
}

TEST_CASE("too few owners among the bidders are counted") {
  auto view = running_task(2);
  view.phase = task_phase::bidding;
  view.candidates[1].owner = view.candidates[0].owner;
  CHECK(explain(view).summary
        == "waiting for workers: every job needs 3 of distinct owners, only 1"
           " owner offers workers");
}

TEST_CASE("every worker's state has its reason") {
  auto one = silent(1);
  CHECK(only_status(one).state == candidate_state::silent);
  CHECK(only_status(one).reason == "asked for a bid, no answer since 2.3 s");

  one = worker(1);
  CHECK(only_status(one).state == candidate_state::available);
  CHECK(only_status(one).reason == "in flight 1 of 4");

  one.in_flight = 4;
  CHECK(only_status(one).state == candidate_state::full);
  CHECK(only_status(one).reason == "full: in flight 4 of 4");

  one = worker(1);
  one.accepted = false;
  one.words = "this node runs no jobs";
  CHECK(only_status(one).state == candidate_state::declined);
  CHECK(only_status(one).reason == "declined: this node runs no jobs");

  one = worker(1);
  one.price_per_job = credits{250'000};
  CHECK(only_status(one).state == candidate_state::declined);
  CHECK(only_status(one).reason
        == "asks 0.25 credits a job, the task pays 0.1");
  auto view = running_task(0);
  view.candidates = {one};
  view.price_floor = view.price;
  CHECK(explain(view).candidates.front().reason
        == "asks 0.25 credits a job, the task pays 0.1");
  view.price_floor = one.price_per_job;
  CHECK(explain(view).candidates.front().reason
        == "asks 0.25 credits a job, the task pays 0.1, and the network's price"
           " floor is now 0.25");

  one = silent(1);
  one.losses = 2;
  one.suspected_for = microseconds{3'200'000};
  CHECK(only_status(one).state == candidate_state::suspected);
  CHECK(only_status(one).reason
        == "fell silent with jobs, 2 times; suspected for 3.2 s more");
  one.suspected_for = microseconds{0};
  CHECK(has(only_status(one).reason, "asked again, no answer yet"));

  one = worker(1);
  one.gone = true;
  one.words = "the other side closed the link";
  CHECK(only_status(one).state == candidate_state::gone);
  CHECK(only_status(one).reason
        == "its link is gone: the other side closed the link");

  one = worker(1);
  one.own = true;
  CHECK(only_status(one).state == candidate_state::own);
  CHECK(has(only_status(one).reason, "the task's own owner"));

  one = worker(1);
  one.words = "the node is draining";
  CHECK(only_status(one).reason
        == "in flight 1 of 4; it last handed a job back: the node is draining");
}

TEST_CASE("a job that no owner here may take is named with what it needs") {
  auto view = running_task(2);
  view.open_jobs = {starved_job()};
  auto told = explain(view);
  CHECK(told.summary
        == "job 17 needs a third owner, and only 2 owners offer workers; 3 of"
           " 20 jobs done, 4 in flight");
  REQUIRE(told.open_jobs.size() == 1);
  CHECK(told.open_jobs[0].waits_for
        == "attempt 4 waits for a third owner: w1: its owner runs this job"
           " already; w2: its owner already answered this job");
}

TEST_CASE("of a waiting replica every worker's obstacle is told") {
  auto view = running_task(7);
  view.candidates[2].in_flight = 4;
  view.candidates[3] = silent(4);
  view.candidates[3].losses = 1;
  view.candidates[3].suspected_for = microseconds{900'000};
  view.candidates[4].gone = true;
  view.candidates[4].words = "power";
  auto job = starved_job();
  job.excluded.push_back(owner(7));
  job.waiting->avoided = {owner(6)};
  view.open_jobs = {job};
  auto text = explain(view).open_jobs[0].waits_for;
  CHECK(has(text, "w3: full: in flight 4 of 4"));
  CHECK(has(text, "w4: fell silent with jobs; suspected for 900 ms more"));
  CHECK(has(text, "w5: its link is gone: power"));
  CHECK(has(text, "w6: its owner failed this job before"));
  CHECK(has(text, "w7: its owner had this job already"));
  view.candidates.push_back(worker(8));
  CHECK(has(explain(view).open_jobs[0].waits_for, "w8: may get it now"));
  // Somebody may take it: nothing is starved.
  CHECK(has(explain(view).summary, "running: "));
}

TEST_CASE("a pause after a failure is told, and starves nobody") {
  auto view = running_task(2);
  auto job = starved_job();
  job.waiting->pause = microseconds{1'500'000};
  view.open_jobs = {job};
  auto told = explain(view);
  CHECK(has(told.open_jobs[0].waits_for, "paused after a failure, 1.5 s more"));
  CHECK_FALSE(has(told.summary, "job 17"));
}

TEST_CASE("a job that waits for nothing says nothing") {
  auto view = running_task(3);
  auto job = starved_job();
  job.waiting.reset();
  job.placed = {{view.candidates[0].node, "w1", 1}};
  view.open_jobs = {job};
  auto told = explain(view);
  CHECK(told.open_jobs[0].waits_for.empty());
  CHECK(told.open_jobs[0].placed.size() == 1);
}

TEST_CASE("what holds up a running task is said in its order") {
  auto view = running_task(4);
  CHECK(explain(view).summary == "running: 3 of 20 jobs done, 4 in flight");
  view.window_full = true;
  CHECK(has(explain(view).summary, "its window is full"));
  for (auto& one : view.candidates)
    one.in_flight = one.capacity;
  CHECK(has(explain(view).summary, "all 4 workers are full; "));
  view.candidates.resize(1);
  CHECK(has(explain(view).summary,
            "every job needs 3 workers of distinct owners, and only 1 owner"
            " offers workers"));
  view.candidates[0] = silent(1);
  view.candidates[0].losses = 1;
  CHECK(has(explain(view).summary, "no worker is left: 1 worker fell silent"));
  view.candidates.clear();
  CHECK(has(explain(view).summary, "no worker is left: none is connected"));
  view.observer_behind = true;
  CHECK(has(explain(view).summary, "which is behind"));
}

TEST_CASE("all jobs started, full workers hold nothing up") {
  auto view = running_task(3);
  view.jobs.started = 20;
  for (auto& one : view.candidates)
    one.in_flight = one.capacity;
  CHECK(has(explain(view).summary, "running: "));
}

TEST_CASE("the other phases are told in a sentence each") {
  auto view = running_task(3);
  view.phase = task_phase::holding;
  view.hold = credits{1'500'000};
  CHECK(explain(view).summary == "waiting for 1.5 credits to be held");
  view.phase = task_phase::closing;
  CHECK(explain(view).summary == "ending: 4 jobs still in flight");
  view.jobs_open = 0;
  CHECK(has(explain(view).summary, "credits are being settled"));
  view.settling_claims = true;
  CHECK(has(explain(view).summary, "acknowledge what they are owed"));
  view.phase = task_phase::reported;
  view.state = task_state::failed;
  view.problem = "2 of 20 jobs failed";
  CHECK(explain(view).summary == "over: failed: 2 of 20 jobs failed");
}

TEST_CASE("a long list of workers is cut in what a job waits for") {
  auto view = running_task(40);
  view.open_jobs = {starved_job()};
  auto text = explain(view).open_jobs[0].waits_for;
  CHECK(has(text, "; and 28 more workers"));
  CHECK(explain(view).candidates.size() == 40);
}
