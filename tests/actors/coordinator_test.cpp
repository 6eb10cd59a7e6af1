#include "tests/actors/checks.hpp"
#include "tests/actors/world.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <map>
#include <set>

using namespace artel;
using namespace artel::testing;

namespace {

const node_report& report_of(const task_report& report,
                             const node_handle& node) {
  for (const auto& one : report.nodes)
    if (one.node == node.environment->id())
      return one;
  FAIL("the node took no part");
  return report.nodes.front();
}

std::uint64_t runs_started(const world& net) {
  std::uint64_t sum = 0;
  for (const auto& node : net.nodes)
    sum += node.log->started;
  return sum;
}

} // namespace

TEST_CASE("a range task gives the exact sum over all of its jobs") {
  world net{1};
  net.add_client();
  net.add_workers(5);
  net.connect();
  auto task = net.submit(primes_task(1'000, 20));
  REQUIRE(net.await(task));
  const auto& report = *task->report;
  CHECK(report.state == task_state::completed);
  CHECK(as_text(report.result) == "168");
  CHECK(report.jobs.total == 20);
  CHECK(report.jobs.completed == 20);
  CHECK(report.retries == 0);
  CHECK(report.replicas_run == 60);
  CHECK(task->verdicts().size() == 20);
  CHECK(report.paid.micro == 60 * task->plan->price_per_job.micro);
  CHECK(report.paid == task->plan->expected_cost);
  check_settled(net, *task);
  for (std::size_t i = 1; i < net.nodes.size(); ++i)
    CHECK(net.account(net.nodes[i].environment->owner).available
          == report_of(report, net.nodes[i]).earned);
  check_idle(net);
}

TEST_CASE("what is planned only is priced and not run, and nothing is held") {
  world net{2};
  net.add_client();
  net.add_workers(4);
  net.connect();
  auto task = net.submit(primes_task(1'000, 20), {}, {}, true);
  REQUIRE(
    net.run_until([&] { return task->plan.has_value(); }, milliseconds{5'000}));
  CHECK(task->plan->problems.empty());
  CHECK(task->plan->candidates.size() == 4);
  CHECK(task->plan->jobs == 20);
  CHECK(task->plan->hold >= task->plan->expected_cost);
  net.run_for(milliseconds{5'000});
  CHECK_FALSE(task->report);
  CHECK(runs_started(net) == 0);
  auto client = net.account(net.nodes[0].environment->owner);
  CHECK(client.available == whole_credits(1'000));
  check_conserved(net);
}

TEST_CASE("one liar is found out, is paid nothing and loses its reputation") {
  world net{3};
  net.add_client();
  net.add_workers(4);
  net.add_workers(1, liar(1));
  net.connect();
  auto task = net.submit(primes_task(2'000, 60));
  REQUIRE(net.await(task));
  const auto& report = *task->report;
  CHECK(report.state == task_state::completed);
  CHECK(as_text(report.result) == std::to_string(count_primes(1, 2'000)));
  const auto& lying = report_of(report, net.nodes.back());
  CHECK(lying.dissented >= 4);
  CHECK(lying.agreed == 0);
  CHECK(lying.earned.micro == 0);
  CHECK(lying.reputation.value < 400'000);
  CHECK(report_of(report, net.nodes[1]).reputation.value > 500'000);
  CHECK(net.account(net.nodes.back().environment->owner).available.micro == 0);
  check_settled(net, *task);

  // The node remembers: the next task knows the liar from the start.
  auto next = net.submit(primes_task(1'000, 5));
  REQUIRE(net.await(next));
  CHECK(report_of(*next->report, net.nodes.back()).reputation.value < 400'000);
  for (const auto& one : next->plan->candidates)
    if (one.node == net.nodes.back().environment->id())
      CHECK(one.reputation.value < 400'000);
}

TEST_CASE("where most lie, each in its own way, the task fails unpaid") {
  world net{4};
  net.add_client();
  for (std::uint64_t i = 1; i <= 5; ++i)
    net.add_workers(1, liar(i));
  net.connect();
  auto task = net.submit(primes_task(1'000, 20));
  REQUIRE(net.await(task));
  const auto& report = *task->report;
  CHECK(report.state == task_state::failed);
  CHECK(report.problem.code == errc::verification_failed);
  CHECK(report.result.empty());
  CHECK(report.paid.micro == 0);
  CHECK(report.refunded == report.held);
  CHECK(report.balance_after == report.balance_before);
  for (const auto& node : report.nodes) {
    CHECK(node.earned.micro == 0);
    // Without a verdict nobody is blamed.
    CHECK(node.dissented == 0);
  }
  check_settled(net, *task);
  check_idle(net);
}

TEST_CASE("runs that crash at random are retried until all jobs are done") {
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    CAPTURE(seed);
    world net{seed};
    auto random = std::make_shared<random_generator>(
      random_generator::from_number(seed * 77));
    net.add_client();
    net.add_workers(6, [random](const sandbox::run_request& request) {
      return random->chance(200'000) ? crash("out of luck\n") : honest(request);
    });
    net.connect();
    auto task = net.submit(primes_task(1'000, 40));
    REQUIRE(net.await(task));
    const auto& report = *task->report;
    CHECK(report.state == task_state::completed);
    CHECK(as_text(report.result) == "168");
    CHECK(report.retries > 0);
    std::uint64_t failed = 0;
    for (const auto& node : report.nodes)
      failed += node.failed;
    CHECK(failed == report.retries);
    check_settled(net, *task);
  }
}

TEST_CASE("a job fails after attempts_max failures a replica, and says why") {
  world net{5};
  net.add_client();
  net.add_workers(5, [](const sandbox::run_request&) {
    return crash("Traceback: no such table\n");
  });
  net.connect();
  auto spec = primes_task(1'000, 3);
  spec.attempts_max = 2;
  auto task = net.submit(spec);
  REQUIRE(net.await(task));
  const auto& report = *task->report;
  CHECK(report.state == task_state::failed);
  CHECK(report.problem.code == errc::execution_failed);
  CHECK(report.jobs.failed == 3);
  CHECK(report.retries == 3 * 2 * 3);
  REQUIRE(report.failed_jobs.size() == 3);
  for (const auto& job : report.failed_jobs) {
    CHECK(job.code == errc::execution_failed);
    CHECK(job.reason == "the program ended with exit code 1");
    CHECK(job.stderr_tail == "Traceback: no such table\n");
  }
  CHECK(report.refunded == report.held);
  CHECK(report.balance_after == whole_credits(1'000));
  check_settled(net, *task);
  check_idle(net);
}

TEST_CASE("a task stops after more failed jobs than it allows") {
  world net{6};
  net.add_client();
  net.add_workers(4, [](const sandbox::run_request&) { return crash(""); });
  net.connect();
  auto spec = primes_task(1'000, 100);
  spec.attempts_max = 1;
  spec.failed_jobs_max = 2;
  spec.window = 4;
  auto task = net.submit(spec);
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::failed);
  CHECK(task->report->jobs.failed == 3);
  CHECK(task->report->jobs.started < 20);
  check_settled(net, *task);
  check_idle(net);
}

TEST_CASE("a cancelled task stops its runs and gives back what is held") {
  auto slow = [](const sandbox::run_request&) {
    return answer("1", milliseconds{3'000});
  };
  SUBCASE("while bids are asked for") {
    world net{7};
    net.add_client();
    net.add_workers(4, slow);
    net.connect();
    net.links->cut_off.insert("worker-1");
    auto task = net.submit(primes_task(1'000, 20));
    net.run_for(milliseconds{200});
    net.cancel(task);
    REQUIRE(net.await(task));
    CHECK(task->report->state == task_state::cancelled);
    CHECK(task->report->problem.code == errc::cancelled);
    CHECK(task->report->held.micro == 0);
    CHECK(runs_started(net) == 0);
    check_conserved(net);
  }
  SUBCASE("while credits are being held") {
    std::uint64_t hit = 0;
    for (std::uint64_t seed = 1; seed <= 10; ++seed) {
      world net{seed};
      net.add_client();
      net.add_workers(4, slow);
      net.connect();
      // The escrow lives from the moment the credits are asked for.
      auto asked = false;
      net.before_step = [&](caf::scheduled_actor& next) {
        asked = asked || std::string_view{next.name()} == "escrow";
      };
      auto task = net.submit(primes_task(1'000, 20));
      REQUIRE(net.run_until([&] { return asked; }, milliseconds{5'000}));
      net.cancel(task);
      REQUIRE(net.await(task));
      CHECK(task->report->state == task_state::cancelled);
      CHECK(task->report->refunded == task->report->held);
      CHECK(task->report->balance_after == whole_credits(1'000));
      hit += task->report->jobs.started == 0;
      check_settled(net, *task);
      check_idle(net);
    }
    CHECK(hit > 0);
  }
  SUBCASE("while jobs run") {
    world net{8};
    net.add_client();
    net.add_workers(4, slow);
    net.connect();
    auto task = net.submit(primes_task(1'000, 20));
    REQUIRE(net.run_until([&] { return runs_started(net) >= 8; },
                          milliseconds{5'000}));
    net.cancel(task);
    REQUIRE(net.await(task, milliseconds{500}));
    CHECK(task->report->state == task_state::cancelled);
    CHECK(task->report->paid.micro == 0);
    check_settled(net, *task);
    net.run_for(milliseconds{100});
    std::uint64_t stopped = 0;
    for (const auto& node : net.nodes) {
      CHECK(node.log->running() == 0);
      stopped += node.log->stopped;
    }
    CHECK(stopped == 8);
    // What was queued behind them is not run either.
    auto started = runs_started(net);
    check_idle(net);
    CHECK(runs_started(net) == started);
  }
}

TEST_CASE("a task whose deadline passes expires, and its jobs are stopped") {
  world net{9};
  net.add_client();
  net.add_workers(4, [](const sandbox::run_request&) {
    return answer("1", milliseconds{4'000});
  });
  net.connect();
  auto spec = primes_task(1'000, 20);
  spec.deadline = milliseconds{2'000};
  auto task = net.submit(spec);
  REQUIRE(net.await(task, milliseconds{2'200}));
  CHECK(task->report->state == task_state::expired);
  CHECK(task->report->problem.code == errc::timed_out);
  CHECK(task->report->refunded == task->report->held);
  check_settled(net, *task);
  net.run_for(milliseconds{100});
  for (const auto& node : net.nodes)
    CHECK(node.log->running() == 0);
}

TEST_CASE("a task that cannot run says why before anything is held") {
  world net{10};
  auto refuse = [&net](task_spec spec, errc code) {
    auto task = net.submit(std::move(spec));
    REQUIRE(net.await(task));
    CHECK(task->report->state == task_state::failed);
    CHECK(task->report->problem.code == code);
    CHECK_FALSE(task->report->problem.message.empty());
    CHECK(task->report->held.micro == 0);
    CHECK(net.account(net.nodes[0].environment->owner).entries == 1);
    return task->report->problem.message;
  };
  SUBCASE("there are no workers") {
    net.add_client();
    net.connect();
    refuse(primes_task(1'000, 20), errc::no_workers);
  }
  SUBCASE("there are fewer owners than replicas") {
    net.add_client();
    net.add_workers(2);
    net.connect();
    refuse(primes_task(1'000, 20), errc::no_workers);
  }
  SUBCASE("the workers don't know the kernel") {
    net.add_client();
    net.add_workers(3);
    net.connect();
    auto spec = primes_task(1'000, 20);
    spec.code.kernel = "mine_gold";
    auto message = refuse(spec, errc::no_workers);
    CHECK(message.find("there is no kernel 'mine_gold' here")
          != std::string::npos);
  }
  SUBCASE("the budget is too small") {
    net.add_client();
    net.add_workers(3);
    net.connect();
    auto spec = primes_task(1'000, 20);
    spec.budget = microcredits(10);
    refuse(spec, errc::budget_exceeded);
  }
  SUBCASE("the balance is too small") {
    net.add_client(microcredits(1'000));
    net.add_workers(3);
    net.connect();
    refuse(primes_task(1'000, 20), errc::insufficient_credits);
  }
  SUBCASE("its description is not sound") {
    net.add_client();
    net.add_workers(3);
    net.connect();
    auto spec = primes_task(1'000, 20);
    spec.verification.replicas = 0;
    auto message = refuse(spec, errc::out_of_range);
    CHECK(message.find("replicas") != std::string::npos);
  }
}

TEST_CASE("an output that is no number ends a sum, naming its job") {
  world net{11};
  net.add_client();
  net.add_workers(4, [](const sandbox::run_request& request) {
    return request.index == 7 ? answer("seven") : honest(request);
  });
  net.connect();
  auto task = net.submit(primes_task(1'000, 20));
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::failed);
  CHECK(task->report->problem.code == errc::invalid_argument);
  CHECK(task->report->problem.message.find("job 7") != std::string::npos);
  check_settled(net, *task);
  check_idle(net);
}

TEST_CASE("the window bounds the jobs in flight, whatever the task's size") {
  world net{12};
  net.add_client(whole_credits(9'000));
  net.add_workers(4, [](const sandbox::run_request&) {
    return answer("1", milliseconds{1});
  });
  net.connect();
  auto spec = primes_task(5'000, 5'000);
  spec.window = 50;
  auto idle = net.living();
  std::size_t most = 0;
  net.before_step = [&](caf::scheduled_actor&) {
    most = std::max(most, net.living());
  };
  auto task = net.submit(spec);
  REQUIRE(net.await(task));
  CHECK(as_text(task->report->result) == "5000");
  // A job, its three replicas and a job that is ending; coordinator, escrow,
  // observer.
  CHECK(most > idle + 50);
  CHECK(most <= idle + 2 * 50 * 4 + 3);
  for (const auto& one : task->events)
    if (const auto* progress = std::get_if<task_progress>(&one))
      CHECK(progress->running <= 50);
  check_settled(net, *task);
}

TEST_CASE("no job starts while the observer is too far behind") {
  world net{13};
  net.add_client();
  net.add_workers(4, [](const sandbox::run_request&) {
    return answer("1", milliseconds{10});
  });
  net.connect();
  net.hold_answers = true;
  auto task = net.submit(primes_task(1'000, 500));
  net.run_for(milliseconds{10'000});
  CHECK_FALSE(task->report);
  auto started = runs_started(net);
  CHECK(started < 500 * 3);
  net.run_for(milliseconds{5'000});
  CHECK(runs_started(net) == started);
  net.hold_answers = false;
  // The next batch answers all of them.
  REQUIRE(net.await(task));
  CHECK(as_text(task->report->result) == "500");
  check_settled(net, *task);
}

TEST_CASE("a map gets its bytes from the reader, each job its own") {
  world net{14};
  net.add_client();
  net.add_workers(4, [](const sandbox::run_request& request) {
    return answer(request.input.name + "="
                  + std::string{as_text(request.input.data)});
  });
  net.connect();
  auto reader = [](const chunk& one) -> result<bytes> {
    if (one.path == "/data/c")
      return {errc::not_found, "'/data/c' is gone"};
    return to_bytes("<" + one.path + ">");
  };
  SUBCASE("outputs are handed on one by one, by index") {
    auto task = net.submit(files_task(2, 9), {}, reader);
    REQUIRE(net.await(task));
    CHECK(task->report->state == task_state::completed);
    std::map<std::uint64_t, std::string> outputs;
    for (const auto& one : task->verdicts()) {
      outputs[one.item.body.job] = as_text(one.output);
      CHECK(one.item.body.output == output_hash(one.output));
    }
    CHECK(outputs
          == std::map<std::uint64_t, std::string>{{0, "a=</data/a>"},
                                                  {1, "b=</data/b>"}});
    check_settled(net, *task);
  }
  SUBCASE("a chunk that cannot be read fails its job alone") {
    auto task = net.submit(files_task(5, 9), {}, reader);
    REQUIRE(net.await(task));
    CHECK(task->report->state == task_state::failed);
    CHECK(task->report->jobs.completed == 4);
    CHECK(task->report->jobs.failed == 1);
    REQUIRE(task->report->failed_jobs.size() == 1);
    CHECK(task->report->failed_jobs[0].index == 2);
    CHECK(task->report->failed_jobs[0].input_name == "c");
    CHECK(task->report->failed_jobs[0].code == errc::not_found);
    CHECK(task->report->failed_jobs[0].reason == "'/data/c' is gone");
    check_settled(net, *task);
  }
  SUBCASE("where all reads fail, a reduced task ends as well") {
    auto spec = files_task(3, 9);
    spec.type = task_type::map_reduce;
    spec.reduce = reduce_operation::program;
    spec.reduce_code.kernel = "noop";
    auto none = [](const chunk&) -> result<bytes> {
      return {errc::not_found, "nothing is there"};
    };
    auto task = net.submit(spec, {}, none);
    REQUIRE(net.await(task));
    CHECK(task->report->state == task_state::failed);
    CHECK(task->report->problem.code == errc::not_found);
    check_settled(net, *task);
  }
  SUBCASE(
    "so does one with more failed reads than the observer takes at once") {
    auto spec = files_task(1, 9);
    spec.source.files.resize(3'000, spec.source.files.front());
    spec.type = task_type::map_reduce;
    spec.reduce = reduce_operation::program;
    spec.reduce_code.kernel = "noop";
    spec.failed_jobs_max = 10'000;
    auto none = [](const chunk&) -> result<bytes> {
      return {errc::not_found, "nothing is there"};
    };
    auto task = net.submit(spec, {}, none);
    REQUIRE(net.await(task));
    CHECK(task->report->state == task_state::failed);
    CHECK(task->report->jobs.failed == 3'000);
    CHECK(task->report->failed_jobs.size() == 20);
    check_settled(net, *task);
  }
}

TEST_CASE("a reduce program gets the outputs in the order of the chunks") {
  world net{15};
  net.add_client();
  net.add_workers(5, [](const sandbox::run_request& request) {
    // Map jobs name their file, reduce jobs join lines.
    if (request.kernel == "noop")
      return answer(request.input.name, milliseconds{10 + request.index % 7});
    std::string joined;
    for (auto letter : as_text(request.input.data))
      if (letter != '\n')
        joined += letter;
    return answer(joined);
  });
  net.connect();
  // From here on, what is sent first need not come first.
  net.links->faults.delay_max = milliseconds{80};
  auto spec = files_task(11, 1);
  spec.type = task_type::map_reduce;
  spec.reduce = reduce_operation::program;
  spec.reduce_code.kernel = "count_primes";
  spec.reduce_fan_in = 3;
  auto task = net.submit(
    spec, {}, [](const chunk&) -> result<bytes> { return to_bytes("x"); });
  REQUIRE(net.await(task));
  CHECK(task->report->state == task_state::completed);
  CHECK(as_text(task->report->result) == "abcdefghijk");
  // 11 outputs in groups of 3: 4, then 2, then 1.
  CHECK(task->plan->reduce_jobs == 7);
  CHECK(task->report->jobs.completed == 18);
  std::map<std::uint64_t, hash256> code_of;
  for (const auto& one : task->receipts())
    code_of[one.item.body.job] = one.item.body.code;
  CHECK(code_of[0] == hash_of(spec.code));
  CHECK(code_of[17] == hash_of(spec.reduce_code));
  check_settled(net, *task);
}
