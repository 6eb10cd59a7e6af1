// What a running coordinator tells of where its task is, and how it waits for
// workers where its node looks for peers.
#include "actors/defaults.hpp"
#include "tests/actors/checks.hpp"
#include "tests/actors/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

using namespace artel;
using namespace artel::testing;

namespace {

scripted_run slow(const sandbox::run_request& request) {
  auto run = honest(request);
  run.duration = milliseconds{60'000};
  return run;
}

task_explanation explain(world& net, const task_run_ptr& task) {
  return net.ask<task_explanation>(task->accepted->coordinator, explain_task{});
}

const candidate_status& status_of(const task_explanation& told,
                                  const std::string& name) {
  auto found =
    std::find_if(told.candidates.begin(), told.candidates.end(),
                 [&name](const auto& one) { return one.display_name == name; });
  REQUIRE(found != told.candidates.end());
  return *found;
}

bool has(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

/// A client whose node looks for peers by itself.
void add_seeking_client(world& net) {
  node_setup client;
  client.name = "client";
  client.role = wire::node_role::client;
  client.grant = whole_credits(1'000);
  client.bootstrap = {"worker-1"};
  net.add_node(std::move(client));
}

} // namespace

TEST_CASE("a coordinator tells of bids that are missing") {
  world net{1};
  net.add_client();
  net.add_workers(3);
  net.connect();
  net.links->cut_off.insert("worker-2");
  auto task = net.submit(primes_task(1'000, 20));
  net.run_for(milliseconds{300});
  auto told = explain(net, task);
  CHECK(told.phase == "bidding");
  CHECK(told.summary == "waiting for bids: 2 of 3 workers answered");
  CHECK(told.jobs == 20);
  CHECK(status_of(told, "worker-1").state == candidate_state::available);
  const auto& missing = status_of(told, "worker-2");
  CHECK(missing.state == candidate_state::silent);
  CHECK(has(missing.reason, "no answer since "));
}

TEST_CASE("a coordinator tells of full workers and of where attempts are") {
  world net{2};
  net.add_client();
  net.add_workers(3, slow);
  net.connect();
  auto task = net.submit(primes_task(1'000, 100));
  net.run_for(milliseconds{500});
  auto told = explain(net, task);
  CHECK(told.phase == "running");
  CHECK(has(told.summary, "all 3 workers are full"));
  CHECK(told.jobs_open > 0);
  CHECK(
    told.open_jobs.size()
    == std::min<std::size_t>(told.jobs_open, defaults::open_jobs_explained));
  for (const auto& one : told.candidates) {
    CHECK(one.state == candidate_state::full);
    CHECK(one.in_flight == one.capacity);
  }
  for (const auto& job : told.open_jobs) {
    REQUIRE(job.placed.size() == 3);
    std::set<std::uint32_t> attempts;
    for (const auto& one : job.placed) {
      CHECK_FALSE(one.display_name.empty());
      attempts.insert(one.attempt);
    }
    CHECK(attempts == std::set<std::uint32_t>{1, 2, 3});
  }
  net.cancel(task);
  REQUIRE(net.await(task));
}

TEST_CASE("the attempts told are those that the receipts name") {
  world net{3};
  net.add_client();
  net.add_workers(4, [](const sandbox::run_request& request) {
    auto run = honest(request);
    run.duration = milliseconds{2'000};
    return run;
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 2));
  net.run_for(milliseconds{500});
  auto told = explain(net, task);
  REQUIRE(net.await(task));
  for (const auto& one : task->receipts()) {
    const auto& body = one.item.body;
    const auto& job = told.open_jobs.at(body.job);
    REQUIRE(job.job == body.job);
    CHECK(std::any_of(
      job.placed.begin(), job.placed.end(), [&body](const auto& placed) {
        return placed.node == body.worker && placed.attempt == body.attempt;
      }));
  }
}

TEST_CASE("a job that lacks an owner is named, with every worker's obstacle") {
  world net{4};
  net.add_client();
  net.add_workers(3, slow);
  net.connect();
  auto task = net.submit(primes_task(1'000, 4));
  net.run_for(milliseconds{500});
  net.links->cut_off.insert("worker-3");
  net.run_for(milliseconds{2'000});
  auto told = explain(net, task);
  CHECK(has(told.summary, "needs a third owner, and only 2 owners"));
  const auto& silent = status_of(told, "worker-3");
  CHECK(silent.state == candidate_state::suspected);
  REQUIRE_FALSE(told.open_jobs.empty());
  const auto& text = told.open_jobs.front().waits_for;
  CHECK(has(text, "worker-1: its owner runs this job already"));
  CHECK(has(text, "worker-3: fell silent with jobs"));
  // And one whose link ends.
  net.links->break_links("worker-2");
  net.run_for(milliseconds{100});
  told = explain(net, task);
  CHECK(status_of(told, "worker-2").state == candidate_state::gone);
  net.cancel(task);
  REQUIRE(net.await(task));
}

TEST_CASE(
  "declined bids and the owner's own nodes are told with their reason") {
  world net{5};
  net.add_client();
  net.add_workers(3, slow);
  node_setup idle;
  idle.name = "idle";
  net.add_node(idle);
  node_setup own;
  own.name = "own";
  own.slots = 2;
  own.same_owner_as = 0;
  net.add_node(own);
  net.connect();
  auto task = net.submit(primes_task(1'000, 4));
  net.run_for(milliseconds{500});
  auto told = explain(net, task);
  CHECK(status_of(told, "idle").state == candidate_state::declined);
  CHECK(status_of(told, "idle").reason == "declined: this node runs no jobs");
  CHECK(status_of(told, "own").state == candidate_state::own);
  net.cancel(task);
  REQUIRE(net.await(task));
}

TEST_CASE("a report says why the first failed job failed") {
  world net{6};
  net.add_client();
  net.add_workers(3, [](const sandbox::run_request& request) {
    return request.index == 1 ? crash("no luck\n") : honest(request);
  });
  net.connect();
  auto spec = primes_task(1'000, 3);
  spec.attempts_max = 1;
  auto report = net.run(spec);
  CHECK(report.state == task_state::failed);
  CHECK(has(report.problem.message, "1 of 3 jobs failed: job 1 ("));
  CHECK(has(report.problem.message, "the program ended with exit code 1"));
}

TEST_CASE("every certified worker is told before its first receipt, once") {
  world net{7};
  net.add_client();
  net.add_workers(4);
  net.connect();
  auto task = net.submit(primes_task(1'000, 20));
  REQUIRE(net.await(task));
  std::set<node_id> told;
  std::size_t receipts = 0;
  for (const auto& one : task->events) {
    if (const auto* worker = std::get_if<worker_certified>(&one)) {
      CHECK(told.insert(worker->item.node).second);
      CHECK_FALSE(worker->worker_name.empty());
    } else if (const auto* item = std::get_if<receipt_recorded>(&one)) {
      const auto& body = item->item.body;
      CHECK(told.contains(body.worker));
      ++receipts;
    }
  }
  CHECK(told.size() == 4);
  CHECK(receipts >= 60);
}

TEST_CASE("where links are kept a task waits for workers to appear") {
  world net{8};
  add_seeking_client(net);
  net.add_workers(3);
  net.settle();
  // It knows one of them at most.
  auto task = net.submit(primes_task(1'000, 5));
  net.run_for(milliseconds{3'000});
  CHECK_FALSE(task->plan);
  for (std::size_t i = 1; i <= 3; ++i)
    net.dial(0, net.nodes[i].setup.name);
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
}

TEST_CASE("without any peer such a task is given up after its patience") {
  world net{9};
  add_seeking_client(net);
  net.settle();
  auto task = net.submit(primes_task(1'000, 5));
  net.run_for(milliseconds{5'000});
  CHECK_FALSE(task->report);
  auto told = explain(net, task);
  CHECK(has(told.summary, "waiting for other nodes: none is connected (for "));
  REQUIRE(net.await(task));
  CHECK(task->report->problem.code == errc::no_workers);
  CHECK(has(task->report->problem.message, "no other node is connected"));
  CHECK(task->report->elapsed >= defaults::first_peer_patience);
  CHECK(task->report->elapsed < defaults::first_peer_patience * 2);
}

TEST_CASE("where no links are kept a task without workers fails at once") {
  world net{10};
  net.add_client();
  auto task = net.submit(primes_task(1'000, 5));
  REQUIRE(net.await(task));
  CHECK(task->report->problem.code == errc::no_workers);
  CHECK(task->report->elapsed < milliseconds{1'500});
}
