#include "runtime/launch/embedded_network.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

using namespace artel;
using runtime::embedded_network;
using runtime::embedded_options;

namespace {

runtime::submission count_primes(std::uint64_t last, std::uint64_t chunks) {
  runtime::submission task;
  task.spec.name = "primes";
  task.spec.type = task_type::range_reduce;
  task.spec.source.kind = source_kind::range;
  task.spec.source.first = 1;
  task.spec.source.last = last;
  task.spec.source.chunks = chunks;
  task.spec.code.kernel = "count_primes";
  task.spec.reduce = reduce_operation::sum;
  task.spec.estimate = milliseconds{10};
  return task;
}

std::unique_ptr<embedded_network> start(const embedded_options& options) {
  auto network = embedded_network::start(options);
  REQUIRE_MESSAGE(network.ok(), (network.ok() ? "" : network.error().message));
  return std::move(*network);
}

embedded_options with(std::uint32_t workers, std::uint32_t saboteurs = 0) {
  embedded_options options;
  options.workers = workers;
  options.saboteurs = saboteurs;
  return options;
}

} // namespace

TEST_CASE("an embedded network counts, verifies, pays and loses no credit") {
  auto network = start(with(4));
  std::uint64_t receipts = 0;
  std::uint64_t verdicts = 0;
  auto report = network->run(
    count_primes(1'000'000, 40),
    [&](const event& one) {
      if (const auto* item = std::get_if<receipt_recorded>(&one)) {
        ++receipts;
        CHECK(verify(item->item));
      } else if (const auto* verdict = std::get_if<verdict_recorded>(&one)) {
        ++verdicts;
        CHECK(verify(verdict->item));
      }
    },
    {});
  CHECK(report.state == task_state::completed);
  CHECK(as_text(report.result) == "78498");
  CHECK(report.jobs.completed == 40);
  CHECK(receipts == 120);
  CHECK(verdicts == 40);
  CHECK(report.network_before == report.network_after);
  credits earned;
  for (const auto& node : report.nodes)
    earned.micro += node.earned.micro;
  CHECK(earned == report.paid);
  CHECK(report.held.micro == report.paid.micro + report.refunded.micro);
  CHECK(report.balance_before.micro - report.paid.micro
        == report.balance_after.micro);
}

TEST_CASE("a network runs one task after the other and remembers its workers") {
  auto network = start(with(3, 1));
  auto run = [&](std::uint64_t last) {
    auto task = count_primes(last, 8);
    task.spec.verification.agreement = ppm{660'000};
    return network->run(task, {}, {});
  };
  auto first = run(1'000);
  CHECK(as_text(first.result) == "168");
  auto second = run(10'000);
  CHECK(as_text(second.result) == "1229");
  CHECK(second.balance_before == first.balance_after);
  for (const auto& node : second.nodes) {
    if (node.display_name != "worker-3")
      continue;
    CHECK(node.dissented == 8);
    CHECK(node.earned == credits{});
    // Both tasks' lies count: the book is the node's, not the task's.
    CHECK(node.reputation.value < 400'000);
  }
}

TEST_CASE("liars in the majority fail the task and are never paid") {
  auto network = start(with(5, 3));
  auto task = count_primes(100'000, 40);
  task.spec.failed_jobs_max = 40;
  auto report = network->run(task, {}, {});
  CHECK(report.state == task_state::failed);
  CHECK(report.problem.code == errc::verification_failed);
  CHECK(report.jobs.failed > 0);
  // Where both honest workers were drawn first, their two answers of three win.
  CHECK(report.jobs.completed + report.jobs.failed == 40);
  CHECK(report.replicas_agreed == report.jobs.completed * 2);
  for (const auto& node : report.nodes)
    if (node.display_name > "worker-2")
      CHECK(node.earned == credits{});
  CHECK(report.network_after == report.network_before);
}

TEST_CASE("a plan prices a task and names the candidates, and runs nothing") {
  auto network = start(with(5));
  auto plan = network->plan(count_primes(1'000'000, 40));
  CHECK(plan.problems.empty());
  CHECK(plan.jobs == 40);
  CHECK(plan.candidates.size() == 5);
  CHECK(plan.price_per_job > credits{});
  CHECK(plan.expected_cost.micro == plan.price_per_job.micro * 40 * 3);
  CHECK(plan.hold >= plan.expected_cost);
  CHECK(plan.balance == whole_credits(100));
}

TEST_CASE("a stopped task is cancelled and its credits come back") {
  auto network = start(with(3));
  std::stop_source source;
  auto task = count_primes(2'000'000'000, 2'000);
  auto report = network->run(
    task,
    [&source](const event& one) {
      if (std::holds_alternative<receipt_recorded>(one))
        source.request_stop();
    },
    source.get_token());
  CHECK(report.state == task_state::cancelled);
  CHECK(report.problem.code == errc::cancelled);
  CHECK(report.held.micro == report.paid.micro + report.refunded.micro);
  CHECK(report.network_after == report.network_before);
  CHECK(report.jobs.completed < 2'000);
}

TEST_CASE("only the chunks that a retry names are run") {
  auto network = start(with(3));
  auto task = count_primes(1'000, 10);
  task.spec.source.only = {0, 9};
  std::vector<std::uint64_t> jobs;
  auto report = network->run(task,
                             [&jobs](const event& one) {
                               if (const auto* verdict =
                                     std::get_if<verdict_recorded>(&one))
                                 jobs.push_back(verdict->item.body.job);
                             },
                             {});
  CHECK(report.state == task_state::completed);
  CHECK(report.jobs.total == 2);
  std::sort(jobs.begin(), jobs.end());
  CHECK(jobs == std::vector<std::uint64_t>{0, 9});
  // 25 primes lie below 100, 14 between 901 and 1000.
  CHECK(as_text(report.result) == "39");
}

TEST_CASE("a bundle of a program runs in the process sandbox") {
  auto network = start(with(3));
  runtime::submission task;
  auto bundle = std::make_shared<code_bundle>();
  bundle->main = "/usr/bin/printf";
  bundle->arguments = {"%s", "{index}"};
  task.bundles = {bundle};
  task.spec.name = "indexes";
  task.spec.source.chunks = 6;
  task.spec.code.bundle = hash_of(*bundle);
  task.spec.code.bundle_bytes = encode_bundle(*bundle).size();
  task.spec.reduce = reduce_operation::concatenate;
  auto report = network->run(task, {}, {});
  INFO(report.problem.message);
  CHECK(report.state == task_state::completed);
  CHECK(as_text(report.result) == "012345");
}

TEST_CASE("impossible networks are refused in words") {
  CHECK(embedded_network::start(with(0)).error().code
        == errc::invalid_argument);
  CHECK(embedded_network::start(with(10'001)).error().code
        == errc::invalid_argument);
  CHECK(embedded_network::start(with(2, 3)).error().code
        == errc::invalid_argument);
  embedded_options rich;
  rich.client_credits = whole_credits(10'001);
  CHECK(embedded_network::start(rich).error().code == errc::out_of_range);
}

TEST_CASE("a task dearer than the account is refused before anything runs") {
  embedded_options poor;
  poor.client_credits = microcredits(1);
  auto network = start(poor);
  auto report = network->run(count_primes(1'000, 10), {}, {});
  CHECK(report.state == task_state::failed);
  CHECK(report.problem.code == errc::insufficient_credits);
  CHECK(report.replicas_run == 0);
}
